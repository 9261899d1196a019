#!/usr/bin/env python3
"""Makes crates/typeface/CountersignSansSC-Regular.otf: Noto Sans CJK SC with the repertoire of GBK and Latin letters.

GBK's 20,902 ideographs are the basic repertoire of GB 18030. Hints and layout tables are left out: the typeface is only drawn
as outlines. It has a name of its own, since the SIL Open Font License reserves names of the original.
Needs the Python package fonttools (scripts/requirements-typeface.txt) and Debian's fonts-noto-cjk. The result is committed:
only whoever changes the repertoire has to run this.
"""

import pathlib
import sys

SOURCE = pathlib.Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED = 2
NAME = "Countersign Sans SC"
RANGES = [
    (0x20, 0x7F),  # Basic Latin
    (0xA0, 0x180),  # Latin-1 and Latin Extended-A
    (0x2000, 0x2070),  # General Punctuation
    (0x20A0, 0x20C0),  # currencies
    (0x25A1, 0x25A2),  # the box that stands for what cannot be drawn
    (0x3000, 0x3040),  # CJK Symbols and Punctuation
    (0xFF00, 0xFFF0),  # fullwidth forms
]


def repertoire() -> set[int]:
    found = {code for first, end in RANGES for code in range(first, end)}
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode("gbk")))
            except (UnicodeDecodeError, TypeError):
                continue
    return found


def main() -> int:
    try:
        from fontTools import subset
        from fontTools.ttLib import TTFont
    except ImportError:
        print("make-typeface: the Python package fonttools is missing", file=sys.stderr)
        return 1
    if not SOURCE.is_file():
        print("make-typeface: Noto Sans CJK is missing; on Debian: apt-get install fonts-noto-cjk", file=sys.stderr)
        return 1
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    font = TTFont(SOURCE, fontNumber=SIMPLIFIED, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=repertoire())
    subsetter.subset(font)
    rename(font)
    out = pathlib.Path(__file__).resolve().parent.parent / "crates/typeface/CountersignSansSC-Regular.otf"
    font.save(out)
    print(f"make-typeface: {out.stat().st_size} bytes, {len(font.getBestCmap())} characters")
    return 0


def rename(font) -> None:
    """Gives the subset names of its own, everywhere a name stands."""
    plain = NAME.replace(" ", "")
    names = {1: NAME, 2: "Regular", 3: f"1.0;{plain}-Regular", 4: NAME, 6: f"{plain}-Regular"}
    for record in list(font["name"].names):
        if record.nameID in names:
            font["name"].setName(
                names[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID
            )
    cff = font["CFF "].cff
    cff.fontNames = [names[6]]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = NAME, NAME


if __name__ == "__main__":
    sys.exit(main())
