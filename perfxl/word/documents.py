"""A report's text, from Word or plain text, behind the guard: paragraphs and table rows in reading order."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.intake.guard import Limits
from perfxl.intake.guard.limits import RefusalError
from perfxl.intake.guard.package import Package
from perfxl.intake.guard.xml import normalised, parse
from perfxl.model import PerfxlError
from perfxl.model.system import reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_CHARACTERS = 500_000
"""Of one report; the seed's has 1,900, a long one 50,000."""
MAX_TEXT_FILE = 10 << 20
_DOCUMENT = "word/document.xml"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a row of a table with its cells and the table's first row."""

    text: str
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()


def read_document(path: Path) -> list[Block]:
    """The blocks of a `.docx` or `.txt` report.

    Raises:
        PerfxlError: another kind of file, damaged, too large, or holding what no honest document holds (a DTD).
    """
    suffix = path.suffix.lower()
    if suffix not in (".docx", ".txt"):
        raise PerfxlError(
            f"“{path.name}”不是 .docx 或 .txt。请在 Word 或 WPS 中另存为 .docx。",
            en=f"{path.name} is no .docx or .txt. Save it as .docx in Word or WPS.",
        )
    data = named_file(path, "报告")
    if suffix == ".txt":
        return text_blocks(decoded(data, path.name))
    try:
        return docx_blocks(data)
    except RefusalError as refused:
        raise PerfxlError(f"报告“{path.name}”读不出：{why_refused(refused)}。请用 Word 或 WPS 打开后另存为 .docx。") from None


def named_file(path: Path, what: str) -> bytes:
    """The bytes of a file the user named, read once; never blocks on a pipe.

    Raises:
        PerfxlError: not there, not a regular file, or larger than any honest document.
    """
    limit = Limits().file_bytes
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise PerfxlError(f"{what}“{path.name}”不是普通文件。请指定一个文件。")
        if found.st_size > limit:
            raise PerfxlError(f"{what}“{path.name}”超过 {limit >> 20} MiB，太大了。请去掉里面的图片，另存后再试。")
        with path.open("rb") as source:
            return source.read(limit)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise PerfxlError(f"找不到{what}“{path}”。请检查路径。", en=f"Cannot find {path}. Check the path.") from None
        raise PerfxlError(f"{what}“{path}”打不开（{reason_of(error)}）。请检查路径。", en=f"Cannot open {path} ({error.strerror}).") from None


_WHY = {
    "file-damaged": "文件已损坏或没有传完",
    "file-part-missing": "里面没有正文，不是 Word 文档", "file-has-dtd": "含有 DTD/实体定义，出于安全拒绝读取",
    "file-encrypted": "设有打开密码", "file-too-large": "超过大小上限", "file-xml-broken": "内部 XML 有错", "file-xml-too-deep": "内部结构异常复杂",
    "file-encoding": "内部编码不受支持", "file-duplicate-parts": "内部有重名部件", "file-overlapping-parts": "内部数据重叠",
    "file-illegal-part-name": "内部路径不合法",
}  # fmt: skip


def why_refused(refused: RefusalError) -> str:
    """Why a Word document is not read, in words and with the code."""
    code = refused.refusal.code
    return f"{_WHY.get(code, '读不出')}（{code}）"


def decoded(data: bytes, name: str) -> str:
    """Text in UTF-8, UTF-16 or the GB code of older Chinese editors."""
    if len(data) > MAX_TEXT_FILE:
        raise PerfxlError(f"报告“{name}”太大。请只保留自评报告的正文。")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PerfxlError(f"报告“{name}”的文字编码读不出。请另存为 UTF-8。")


def text_blocks(text: str) -> list[Block]:
    """One block a line; blank lines say nothing."""
    if len(text) > MAX_CHARACTERS:
        raise PerfxlError("报告的文字太多，不像一份自评报告。请只保留自评报告的正文。")
    return [Block(line) for line in text.splitlines() if line.strip()]


def docx_blocks(data: bytes, limits: Limits | None = None) -> list[Block]:
    """The blocks of a Word document in memory. Raises `RefusalError` for what must not be read."""
    limits = limits or Limits()
    package = Package(data, limits)
    if _DOCUMENT not in package:
        raise RefusalError("file-part-missing", part=_DOCUMENT)
    content = normalised(package.read(_DOCUMENT), _DOCUMENT)
    reader = _Reader()
    parse(content, _DOCUMENT, limits, reader.start, reader.end, reader.text)
    return reader.blocks


@dataclass(slots=True)
class _Table:
    header: tuple[str, ...] = ()
    cells: list[str] = field(default_factory=list)


class _Reader:
    """Collects `w:t` by paragraph and table row; deleted text, field codes and doubled drawings say nothing."""

    _SKIPPED = frozenset({"del", "moveFrom", "Fallback", "pPr", "rPr"})

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._paragraphs: list[list[str]] = []
        self._tables: list[_Table] = []
        self._skipping = 0
        self._in_text = False
        self._characters = 0

    def start(self, name: str, _attributes: Mapping[str, str], _depth: int) -> None:
        local = name.rpartition("}")[2]
        if self._skipping or local in self._SKIPPED:
            self._skipping += 1
        elif local == "p" and "wordprocessingml" in name:
            self._paragraphs.append([])
        elif local == "tbl":
            self._tables.append(_Table())
        elif local == "tc" and self._tables:
            self._tables[-1].cells.append("")
        elif local == "t" and "wordprocessingml" in name:
            self._in_text = True
        elif self._paragraphs and local in ("tab", "br", "cr", "noBreakHyphen"):
            self._paragraphs[-1].append({"tab": "\t", "noBreakHyphen": "-"}.get(local, "\n"))

    def end(self, name: str, _depth: int) -> None:
        local = name.rpartition("}")[2]
        if self._skipping:
            self._skipping -= 1
        elif local == "t":
            self._in_text = False
        elif local == "p" and "wordprocessingml" in name and self._paragraphs:
            self._paragraph("".join(self._paragraphs.pop()))
        elif local == "tr" and self._tables:
            self._row(self._tables[-1])
        elif local == "tbl" and self._tables:
            self._tables.pop()

    def text(self, characters: str) -> None:
        if self._in_text and self._paragraphs:
            self._characters += len(characters)
            if self._characters > MAX_CHARACTERS:
                raise RefusalError("file-too-large", what="text", n=self._characters, max=MAX_CHARACTERS)
            self._paragraphs[-1].append(characters)

    def _paragraph(self, text: str) -> None:
        if self._tables and self._tables[-1].cells:
            cells = self._tables[-1].cells
            cells[-1] = f"{cells[-1]}\n{text}".strip()
        else:
            self.blocks.extend(Block(line) for line in text.split("\n") if line.strip())

    def _row(self, table: _Table) -> None:
        cells = tuple(table.cells)
        table.cells = []
        if not any(cells):
            return
        if not table.header:
            table.header = cells
        self.blocks.append(Block(" | ".join(c.replace("\n", " ") for c in cells if c), cells, table.header))
