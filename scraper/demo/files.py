"""Small real files: a name and some words in, bytes out, the same every time. Pure.

What can be told from outside is right: magic bytes, a body that parses, a digest that moves with the words.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from html import escape
from io import BytesIO
from zipfile import ZipFile, ZipInfo

STYLE = b"""body { margin: 0; background: rgb(250, 248, 240) url("../images/paper.png") no-repeat }
h1 { color: rgb(21, 66, 107) }
"""
GIF = bytes.fromhex("47494638396101000100800000ffffff0000002c00000000010001000002024401003b")

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORDML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def make(name: str, words: str) -> tuple[bytes, str] | None:
    """Return (bytes, media type) for the name's suffix, or None for a suffix the campus does not keep."""
    maker = _MAKERS.get(name.rpartition(".")[2].lower())
    return (maker[0](words), maker[1]) if maker else None


def png(words: str) -> bytes:
    """Return a 64×40 picture in a colour of its own for these words."""
    width, height, seed = 64, 40, zlib.crc32(words.encode())
    pixel = bytes((seed & 255, seed >> 8 & 255, seed >> 16 & 255))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress((b"\0" + pixel * width) * height)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pdf(words: str) -> bytes:
    """Return a one-page PDF; the words stand in its Title as UTF-16, so no font is needed."""
    drawing = b"BT /F1 16 Tf 72 720 Td (Sample document) Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Title <feff%s> >>" % words.encode("utf-16-be").hex().encode(),
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(offsets) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(out))
    return out + b"xref\n0 %d\n" % count + table + trailer


def docx(words: str) -> bytes:
    """Return a Word document of one paragraph; zip times are fixed, so equal words give equal bytes."""
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_DOCX}.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORDML}"><w:body><w:p><w:r><w:t>{escape(words)}</w:t>'
        "</w:r></w:p></w:body></w:document>",
    }
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), declaration + content)
    return buffer.getvalue()


_MAKERS: dict[str, tuple[Callable[[str], bytes], str]] = {
    "css": (lambda words: STYLE, "text/css"),
    "docx": (docx, _DOCX),
    "gif": (lambda words: GIF, "image/gif"),
    "js": (lambda words: b"/* sample campus */\n", "application/javascript"),
    "pdf": (pdf, "application/pdf"),
    "png": (png, "image/png"),
}
