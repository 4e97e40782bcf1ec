"""Mutants of forms in every container, seeded: bytes flipped, cut or repeated, and parts of packages edited and packed anew."""

from __future__ import annotations

import random
import re
import zipfile
from io import BytesIO

import paper_samples as papers

from perfxl.intake.containers.archive import Archive
from perfxl.intake.discover import PAPERS, suffix_of
from perfxl.intake.guard.limits import RefusalError
from perfxl.intake.reading import Refused, read_workbook
from perfxl.scoring.batch import score_submissions
from perfxl.scoring.document import score_document
from perfxl.workbook.scored import SourceInfo, scored_bytes

SAMPLES = {
    "xlsx": papers.LANGFANG.read_bytes(),
    "docx": papers.WORD.read_bytes(),
    "xls": papers.HUANGSHI_XLS.read_bytes(),
    "zip": papers.gbk_zip({"甲/表.xlsx": papers.XINZHOU.read_bytes(), "乙.docx": papers.WORD.read_bytes(), "丙.txt": b"x" * 100}),
}
_WORDS = (
    b"0",
    b"-1",
    b"65535",
    b"99999999999",
    "三级指标".encode(),
    "得分".encode(),
    "总分".encode(),
    b"",
    b"1e308",
    "≥95%".encode(),
    b"\xff",
    b"&#0;",
)


def mutant(kind: str, number: int, seed: int) -> bytes:
    """The same number and seed give the same bytes."""
    draw = random.Random(f"{kind} {number} {seed}")  # no secret
    data = SAMPLES[kind]
    if kind in ("xlsx", "docx") and draw.random() < 0.7:
        return _edited(data, draw)
    first = data.rindex(b"PK\3\4") if kind == "zip" and draw.random() < 0.7 else 0  # headers and directory, hardly content
    return _flipped(data, draw, first)


def _flipped(data: bytes, draw: random.Random, first: int = 0) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 4, 16, 64))):
        at = draw.randrange(min(first, len(changed) - 1), len(changed))
        match draw.randrange(5):
            case 0:
                changed[at] ^= 1 << draw.randrange(8)
            case 1:
                changed[at : at + draw.choice((1, 2, 4))] = draw.randbytes(draw.choice((1, 2, 4)))
            case 2:
                changed[at : at + 4] = draw.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\1\0\0\0"))
            case 3 if draw.random() < 0.2:
                del changed[at:]
            case _:
                end = at + draw.randrange(1, 512)
                changed[at:at] = changed[at:end]
        if not changed:
            return b""
    return bytes(changed)


def _edited(data: bytes, draw: random.Random) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    wanted = [n for n in parts if n.endswith((".xml", ".rels")) and ("sheet" in n or "document.xml" in n or "String" in n or draw.random() < 0.1)]
    for _ in range(draw.choice((1, 2, 3, 8))):
        name = draw.choice(wanted)
        parts[name] = _edit(parts[name], draw)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def _edit(content: bytes, draw: random.Random) -> bytes:
    match draw.randrange(5):
        case 0:
            found = [m.span(1) for m in re.finditer(rb"<(?:w:)?(?:t|v)[^>]*>([^<]*)<", content)]
        case 1:
            found = [m.span(1) for m in re.finditer(rb'="([^"<]*)"', content)]
        case 2:
            found = [m.span() for m in re.finditer(rb"<(?:w:)?(?:c|tc|row|tr|mergeCell)[ >].*?</(?:w:)?(?:c|tc|row|tr)>", content, re.DOTALL)]
        case 3:
            found = [m.span() for m in re.finditer(rb"<[^>]+/>", content)]
        case _:
            found = [(at, at + draw.randrange(1, 8)) for at in (draw.randrange(len(content)),)]
    if not found:
        return content
    first, last = draw.choice(found)
    piece = draw.choice((draw.choice(_WORDS), content[first:last] * 2, b""))
    return content[:first] + piece + content[last:]


def ending(kind: str, data: bytes) -> str:
    """How a file ends: scored, or the code that refuses it. Whatever else happens is a finding."""
    if kind != "zip":
        return _read(data, f"示例.{kind}")
    try:
        archive = Archive(data)
    except RefusalError as refused:
        return refused.refusal.code
    endings = []
    for entry in archive.entries():
        try:
            if suffix_of(entry.name) in PAPERS:
                endings.append(_read(archive.read(entry.at), entry.name))
        except RefusalError as refused:
            endings.append(refused.refusal.code)
    return next((ended for ended in endings if ended != "scored"), endings[0] if endings else "empty")


def _read(data: bytes, name: str) -> str:
    read = read_workbook(data, source=name)
    if isinstance(read, Refused):
        return read.code
    for submission in read:
        results = score_submissions([submission])[submission.number][0]
        score_document(results, submission.number)
        scored_bytes(results, submission.number, source=SourceInfo(name, submission.sha256))
    return "scored"
