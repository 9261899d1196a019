#!/usr/bin/env python3
"""Makes sample/contract.pdf from sample/contract.typ.

Needs the Python package `typst` (scripts/requirements-sample.txt; it carries the compiler) and the font Noto Serif CJK
(Debian: fonts-noto-cjk). The PDF is committed: only whoever changes the text has to run this.
The same source, font and compiler give the same octets: the date is in the source, nothing else varies.
"""

import pathlib
import sys

LIMIT = 300 * 1024
FONTS = pathlib.Path("/usr/share/fonts/opentype/noto")


def main() -> int:
    try:
        import typst
    except ImportError:
        print("make-sample: the Python package typst is missing (scripts/requirements-sample.txt)", file=sys.stderr)
        return 1
    if not (FONTS / "NotoSerifCJK-Regular.ttc").is_file():
        print("make-sample: Noto Serif CJK is missing; on Debian: apt-get install fonts-noto-cjk", file=sys.stderr)
        return 1
    sample = pathlib.Path(__file__).resolve().parent.parent / "sample"
    pdf = typst.compile(
        str(sample / "contract.typ"),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        # A tag in the structure makes poppler 22 complain, and an audience would take it for our fault.
        pdf_tags=False,
    )
    if len(pdf) > LIMIT:
        print(f"make-sample: {len(pdf)} octets, over the limit of {LIMIT}", file=sys.stderr)
        return 1
    (sample / "contract.pdf").write_bytes(pdf)
    print(f"sample/contract.pdf: {len(pdf)} octets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
