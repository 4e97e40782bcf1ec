"""One strict XML parser: no DTD, two encodings, bounded depth and width."""

from __future__ import annotations

import re
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Final, TypeVar
from xml.parsers import expat

from .limits import Limits, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

STRICT: Final = (
    (b"http://purl.oclc.org/ooxml/officeDocument/customProperties", b"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"),
    (b"http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes", b"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
"""Namespaces of ISO/IEC 29500 Strict and what every other program writes for them."""

PROLOGUE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml\s[^<>?]*\?>)?\s*")
"""What stands before the root and may name an encoding."""
_BETWEEN: Final = "\ue000"
"""A character that no standard gives a meaning."""
_REMEMBERED: Final = 1 << 15
"""Bytes above which a part is not remembered."""

_ENCODINGS = frozenset(("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"))
_WRONG_ENCODING = frozenset((18, 19))
"""XML_ERROR_UNKNOWN_ENCODING, XML_ERROR_INCORRECT_ENCODING."""


def remembered(look: Callable[[bytes, str, Limits], T]) -> Callable[[bytes, str, Limits], T]:
    """`look(content, part, limits)`, remembering small parts: files made from one template share them to the byte.

    Nothing is remembered of a part that is refused. The result must be immutable.
    """
    cached = lru_cache(maxsize=256)(look)

    @wraps(look)
    def remembering(content: bytes, part: str, limits: Limits) -> T:
        return (cached if len(content) <= _REMEMBERED else look)(content, part, limits)

    return remembering


def normalised(content: bytes, part: str) -> bytes:
    """`content` in UTF-8 and with the namespaces of the transitional standard; unchanged where it is so already."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]:
        if content[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0\0\0", b"\0\0\0<"):
            raise RefusalError("file-encoding", part=part)
        by_mark = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        try:
            text = content.decode("utf-16" if by_mark else "utf-16-be" if content[0] == 0 else "utf-16-le")
        except UnicodeDecodeError:
            raise RefusalError("file-xml-broken", part=part) from None
        head, mark, tail = text.partition("?>")
        if head.startswith("<?xml"):
            declared = _declared_utf16(head)
            if not declared:
                raise RefusalError("file-encoding", part=part)
            text = '<?xml version="1.0" encoding="UTF-8"' + mark + tail
        content = text.encode()
    if b"http://purl.oclc.org/ooxml/" in content:
        for strict, transitional in STRICT:
            content = content.replace(strict, transitional)
    return content


def _declared_utf16(declaration: str) -> bool:
    """Whether an XML declaration names no encoding, or UTF-16."""
    lower = declaration.lower()
    return "encoding" not in lower or "utf-16" in lower


def parse(
    content: bytes,
    part: str,
    limits: Limits,
    start: Callable[[str, Mapping[str, str], int], None] | None = None,
    end: Callable[[str, int], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse all of `content`; call `start(name, attributes, depth)`, `end(name, depth)`, `text(characters)`.

    Names are `namespace}local`; the root has depth 1. Raises `RefusalError`: `file-has-dtd`, `file-encoding`,
    `file-xml-too-deep`, `file-xml-broken`.
    """
    parser = _parser(part)
    depth = 0
    deepest, widest = limits.depth, limits.attributes

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest or len(attributes) > widest:
            raise RefusalError("file-xml-too-deep", part=part)
        if start:
            start(name, attributes, depth)

    def closed(name: str) -> None:
        nonlocal depth
        if end:
            end(name, depth)
        depth -= 1

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    if text:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    _run(parser, content, part)


def escaped(text: str) -> str:
    """`text` as content of an element, line ends kept."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def prove(content: bytes, part: str) -> None:
    """Raise unless `content` is well-formed XML without a DTD in an accepted encoding; says nothing about depth."""
    _run(_parser(part), content, part)


def texts_of(content: bytes, pieces: Sequence[bytes], part: str) -> list[str] | None:
    """What stands between tags of `content`, proved and read as one text; None where a piece holds what stands between them here."""
    read: list[str] = []
    start = PROLOGUE.match(content)
    parser = _parser(part)
    parser.buffer_text = True
    parser.CharacterDataHandler = read.append
    _run(parser, b"".join((start[0] if start else b"", b"<all>", _BETWEEN.encode().join(pieces), b"</all>")), part)
    found = "".join(read).split(_BETWEEN)
    return found if len(found) == len(pieces) else None


def _parser(part: str) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator="}")

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise RefusalError("file-encoding", part=part)

    def document_type(*_: object) -> None:
        raise RefusalError("file-has-dtd", part=part)

    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = document_type
    parser.EntityDeclHandler = document_type
    return parser


def _run(parser: expat.XMLParserType, content: bytes, part: str) -> None:
    try:
        parser.Parse(content, True)  # noqa: FBT003 - the signature of expat
    except expat.ExpatError as error:
        raise RefusalError("file-encoding" if error.code in _WRONG_ENCODING else "file-xml-broken", part=part) from None
    except ValueError:
        raise RefusalError("file-encoding", part=part) from None
