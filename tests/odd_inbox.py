"""An inbox of hostile and odd files by the thousand: what comes from broken programs, slow lines, enemies and tired people, seeded."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import hostile
import mutants
import paper_mutants
from inbox import intake

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    "{n}",
    "示例市第{n}馆",
    " {n} ",
    "{n}（终稿）",
    "{n}\u202egnp",
    "-{n}",
    "{n}.tar",
    "CON{n}",
    "=1+{n}",
    "{n}'\"",
    "{n}\n二行",
    "é{n}",
    "e\u0301{n}",
    "𠮷{n}😀",
    "{n} - 副本",
    "~{n}",
)
ENDINGS = (".xlsx", ".xls", ".et", ".docx", ".zip", ".xlsm", ".XLSX", ".pdf", ".csv", "", ".wps", ".ods")
TYPED = (
    "",
    " ",
    "0",
    "-1",
    "甲" * 300,
    "=1+1",
    "1e308",
    "2023年",
    "二〇二三",
    "#REF!",
    "_x0041_",
    "\u200b",
    "1/0",
    "NaN",
    "第2次",
    "99999999999999999999",
    "'",
    "项目",
    "<b>",
    "&amp;",
    "单位整体",
    "999",
)
FIELDS = (
    "code",
    "authority",
    "evaluation",
    "project",
    "project_code",
    "submission_count",
    "filled_on",
    "claimed_total",
    "claimed_grade",
    "money_unit",
    "scheme",
    "phone",
    "filled_by",
    "region",
)


def odd_inbox(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many files by their path: mutants of intakes and of forms in every container, hostile ones, intakes with odd fields; odd names over all."""
    drawn = random.Random(seed)
    threats = list(hostile.CASES.values())
    kinds = list(mutants.KINDS)
    for n in range(count):
        match n % 4:
            case 0:
                data, ending = mutants.mutant(drawn.choice(kinds), n, seed), ".xlsx"
            case 1:
                kind = drawn.choice([*paper_mutants.SAMPLES])
                data, ending = paper_mutants.mutant(kind, n, seed), f".{kind}"
            case 2:
                data, ending = (drawn.choice(threats).build() if n % 8 == 2 else _odd_intake(drawn, n)), ".xlsx"
            case _:
                data, ending = _odd_intake(drawn, n), ".xlsx"
        if drawn.random() < 0.1:
            ending = drawn.choice(ENDINGS)
        if drawn.random() < 0.03:
            data = data[: drawn.randrange(len(data))]
        place = drawn.choice(("", "", "教育局/", "教育局/附件/", "示例市第1馆/", "__MACOSX/", "a/b/c/d/"))
        yield f"{place}{drawn.choice(NAMES).format(n=n)}{ending}", data


def _odd_intake(drawn: random.Random, n: int) -> bytes:
    """An intake as it was meant, but for what stands in a few of its fields."""
    fields = {name: drawn.choice(TYPED) for name in drawn.sample(FIELDS, drawn.randrange(4))}
    name = drawn.choice((f"示例市第{n % 50}馆", f"示例市第{n}馆", drawn.choice(TYPED)))
    money = tuple(drawn.choice((100, 95.5, 0, -3, "", "100万元", "约100", "1e9", None, 1e15)) for _ in range(2))
    actual = drawn.choice(("21场", "19场", None, "约20场", "=1", "20场以上", "1e400", "二十场", "2024-01-01", 45000))
    return intake(name, drawn.choice((2023, 2023, 2023, 2022, "2023年", "23", None, 20233, "去年")), actual, money, **fields)
