"""XML from outside, made a tree: no DTD, no entity, no outside reference, all of it bounded."""

from __future__ import annotations

import codecs
import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bihuan.base.errors import bad, shown

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# what is met in alerts; GB 18030 covers what calls itself GB2312 or GBK
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
}


def tree(raw: bytes) -> Element:
    """The root element of a document.

    Raises BadInputError naming `document`: empty, over MAX_BYTES, deeper than MAX_DEPTH, in an
    unknown or untrue encoding, not well-formed, or with a document type (entities, bombs).
    """
    if not raw.strip():
        raise bad("document", "an empty file", "an XML document")
    if len(raw) > MAX_BYTES:
        raise bad("document", f"{len(raw)} bytes", f"at most {MAX_BYTES} bytes")
    try:
        root: Element = fromstring(_decoded(raw), forbid_dtd=True)
    except DefusedXmlException as error:
        raise bad("document", type(error).__name__, "no document type and no entities") from error
    except (ParseError, ValueError) as error:
        raise bad("document", shown(error), "well-formed XML") from error
    _bound_depth(root)
    return root


def _decoded(raw: bytes) -> str:
    codec = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    if codec is None:
        declared = _DECLARED.match(raw)
        name = declared[1].decode().lower() if declared else "utf-8"
        if name not in _CODECS:
            raise bad("document", f"encoding {shown(name, 40)}", "UTF-8 or GB 18030")
        codec = _CODECS[name]
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:#04x} at offset {error.start}"
        raise bad("document", found, f"text in {codec}") from error


def _bound_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node]
        if not level:
            return
    raise bad("document", "deeper nesting", f"at most {MAX_DEPTH} levels")
