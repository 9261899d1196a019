#!/usr/bin/env python3
"""PDFium as a reader that is not ours: the pages of a file as pictures and as text.

One request a line on stdin (JSON: `file`, `most` pages), one answer a line on stdout: `count`, and for each page `width`,
`height`, `grey` (base64, one octet a pixel, 72 to the inch) and `text`; or `error`.
"""

import base64
import json
import sys

import pypdfium2


def page_view(page):
    bitmap = page.render(scale=1, grayscale=True)
    width, height, channels = bitmap.width, bitmap.height, bitmap.n_channels
    octets = bytes(bitmap.buffer)
    rows = (octets[row * bitmap.stride :][: width * channels : channels] for row in range(height))
    return {
        "width": width,
        "height": height,
        "grey": base64.b64encode(b"".join(rows)).decode(),
        "text": page.get_textpage().get_text_bounded(),
    }


def view(request):
    document = pypdfium2.PdfDocument(request["file"])
    # Without a form nothing of the fields is drawn.
    document.init_forms()
    count = len(document)
    return {"count": count, "pages": [page_view(document[place]) for place in range(min(count, request["most"]))]}


def main():
    for line in sys.stdin:
        try:
            answer = view(json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
