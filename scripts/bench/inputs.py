"""The files that are measured: made anew for each bench, the same octets each time.

Not its business: odd PDFs (the tests have those). Plain pages, one font, a classic cross-reference table.
"""

import random
from pathlib import Path


def contract(
    path: Path, pages: int, text_octets: int, image_octets: int = 0, seed: int = 1, shared_font: bool = False
) -> int:
    """Writes `pages` pages with `text_octets` of page content each, and an uncompressed picture of noise on each where
    asked for. The font stands in each page, or once for all (`shared_font`). Returns the size."""
    noise = random.Random(seed)
    offsets: list[int] = []
    kids = " ".join(f"{3 + 3 * page} 0 R" for page in range(pages))
    with path.open("wb") as out:
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

        def put(number: int, *parts: bytes) -> None:
            assert number == len(offsets) + 1
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n" % number)
            for part in parts:
                out.write(part)
            out.write(b"\nendobj\n")

        put(1, b"<< /Type /Catalog /Pages 2 0 R >>")
        helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
        font = f"<< /F1 {3 + 3 * pages} 0 R >>" if shared_font else f"<< /F1 {helvetica} >>"
        put(2, f"<< /Type /Pages /Kids [{kids}] /Count {pages} /MediaBox [0 0 595 842] >>".encode())
        for page in range(pages):
            first = 3 + 3 * page
            picture = f" /XObject << /Im0 {first + 2} 0 R >>" if image_octets else ""
            put(
                first,
                f"<< /Type /Page /Parent 2 0 R /Contents {first + 1} 0 R "
                f"/Resources << /Font {font}{picture} >> >>".encode(),
            )
            content = page_text(page, text_octets)
            if image_octets:
                content += b"q 400 0 0 300 90 90 cm /Im0 Do Q\n"
            put(first + 1, b"<< /Length %d >>\nstream\n" % len(content), content, b"\nendstream")
            if image_octets:
                width = 1024
                height = image_octets // (3 * width)
                head = (
                    f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB "
                    f"/BitsPerComponent 8 /Length {3 * width * height} >>\nstream\n"
                )
                put(first + 2, head.encode(), noise.randbytes(3 * width * height), b"\nendstream")
            else:
                put(first + 2, b"null")
        if shared_font:
            put(3 + 3 * pages, helvetica.encode())
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
        for offset in offsets:
            out.write(b"%010d 00000 n \n" % offset)
        out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start))
    return path.stat().st_size


def page_text(page: int, octets: int) -> bytes:
    """Page content of about that size, different on every page."""
    lines = [b"BT /F1 10 Tf 60 780 Td 12 TL\n"]
    size, number = len(lines[0]), 0
    while size < octets:
        number += 1
        line = b"(Page %d, clause %d: the parties agree that what was seen is what is signed.) Tj T*\n" % (page + 1, number)
        lines.append(line)
        size += len(line)
    return b"".join([*lines, b"ET\n"])
