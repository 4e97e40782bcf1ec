"""Settle a few submissions: headers and paths from small tables, a roster of a few rows."""

from __future__ import annotations

from typing import Any

from frames_of import roster

from perfxl.consolidation.decisions import Ruling
from perfxl.consolidation.settlement import FileSeen, Settlement, settle
from perfxl.consolidation.submissions import Header, Paper, code_typed, times_of
from perfxl.consolidation.units import Directory


def sent(
    name: str = "甲馆", *, code: object = "", content: str | None = None, count: object = 1, paper: Paper = Paper.INTAKE, **rest: Any
) -> dict[str, Any]:
    """A submission; `file` is its path, `copies` further paths of the same bytes, `content` what it says ("" for nothing)."""
    return {"name": name, "code": code_typed(code), "content": content, "count": times_of(count), "paper": paper, **rest}


def settled(
    *rows: dict[str, Any],
    listed: list[dict] | None = None,
    year: int = 0,
    rulings: list[Ruling] | None = None,
    unread: dict | None = None,
    left: dict | None = None,
) -> Settlement:
    """What becomes of them. `unread` maps paths of files that are refused to their codes, `left` of those left aside."""
    files: list[FileSeen] = []
    headers: dict[int, Header] = {}
    for n, row in enumerate(rows):
        content = f"content {n}" if row["content"] is None else row["content"]
        sha = row.get("sha256", f"{n:064x}")
        first = len(files)
        files.append(FileSeen(row.get("file", f"{n}.xlsx"), sha))
        files.extend(FileSeen(path, sha, first) for path in row.get("copies", ()))
        headers[first] = Header(
            sha,
            row["code"],
            row["name"],
            row.get("year", 2020),
            row.get("evaluation", "部门整体"),
            row.get("project", ""),
            row["count"],
            row.get("filled_on", ""),
            content,
            project_code=code_typed(row.get("project_code", "")),
            paper=row["paper"],
            figures=row.get("figures", content),
            authority=row.get("authority", ""),
        )
    files.extend(FileSeen(path, f"{1000 + i:064x}" if refused else "", -1, refused) for i, (path, refused) in enumerate((unread or {}).items()))
    files.extend(FileSeen(path, ignored=code) for path, code in (left or {}).items())
    return settle(files, headers, Directory(roster(*(listed or []))), year=year, rulings=rulings or [])


def fates(s: Settlement) -> dict[str, tuple[str, str]]:
    """Fate and code of every file."""
    return {shown: (str(d.fate), d.code) for shown, d in zip(s.shown, s.files, strict=True)}


def units(s: Settlement) -> list[str]:
    """The unit of each submission, in order."""
    return [s.owners[n].key for n in sorted(s.owners)]


def codes(s: Settlement) -> list[str]:
    """Fate of each submission in one word: its code, else `accepted`."""
    return [s.parts[n].code or str(s.parts[n].fate) for n in sorted(s.parts)]


def ruling(n: int, reason: str, word: str, **rest: Any) -> Ruling:
    """An answer about submission `n` as it stands in the sheet."""
    return Ruling(f"{n:064x}", rest.pop("part", ""), reason, word, row=rest.pop("row", 3 + n), file=f"{n}.xlsx", **rest)
