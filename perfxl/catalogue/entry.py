"""The record of one issue code, and the published sources its evidence quotes more than once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field, json

from perfxl.model import Severity
from perfxl.model.columns import DECIDING

if TYPE_CHECKING:
    from collections.abc import Mapping

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


class Elsewhere(Struct, frozen=True):
    """What a code weighs where it stands outside the place its severity is meant for.

    The place is told by one detail of the issue: `severity` holds unless `detail` is one of the `values`. `zh` and `en` are the
    place in words.
    """

    severity: Severity
    detail: str
    values: frozenset[str]
    zh: str
    en: str


ASIDE = Elsewhere(WARNING, "column", DECIDING, "决定得分或合计的栏目以外", "in a column that decides neither a score nor a sum")
"""A warning where the column decides neither a score nor a sum."""


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """What a code says, how to mend it, both in two languages, and why it matters; placeholders in braces."""

    zh: str
    fix_zh: str
    en: str
    fix_en: str
    why: str


@cache
def all_words() -> dict[str, Wording]:
    """The words of every code: `file.json` holds those of the codes in `file.py`, and so on."""
    texts = (path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.json")))
    return {code: words for text in texts for code, words in json.decode(text, type=dict[str, Wording]).items()}


class Entry(Struct, frozen=True):
    """One code of the catalogue.

    `severity` is that of one workbook in the place the code is meant for, `elsewhere` what it weighs outside that place,
    `folder` what it weighs in a consolidation, both only where they differ. `kind` is the short 问题类型; `hides` names the
    codes that only follow from this one and are dropped where it stands on the same row (on the whole sheet when the issue
    has no cell; `*`: everything on the row), `clears` those that are dropped wherever they stand in the submission (`clears_of`
    by the `part` the issue names), and `hides_written` what it hides besides where its own cell holds something.
    """

    code: str
    number: int
    severity: Severity
    kind: str
    evidence: str
    hides: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    clears_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hides_written: tuple[str, ...] = ()
    elsewhere: Elsewhere | None = None
    folder: Severity | None = None
    of_sheet: bool = False
    """Whether it concerns its whole sheet, although it names a cell."""

    @property
    def words(self) -> Wording:
        """What it says, how to mend it, why it matters."""
        return all_words()[self.code]


SYSTEM = "省级预算绩效管理系统的自评校验"
AUDITOR = "绩效自评表的自动审核工具"
REVIEW = "成都市郫都区2025年自评复核规则"
MOF10 = "财预〔2020〕10号《项目支出绩效评价管理办法》"
FORM_NOTE = "公布的项目支出绩效自评表填表说明"
QINGSHEN = "四川省青神县2023年项目支出绩效自评表"
DAYING = "四川省大英县2022—2023年绩效自评表"
HUANGSHI = "黄石市图书馆2022年绩效自评表"
XINZHOU = "武汉市新洲区2020年绩效自评表"
LANGFANG = "廊坊一所学校2019年绩效自评表"
PINGXIANG = "萍乡图书馆2020年度部门整体支出绩效自评报告"
CHONGQING = "重庆2017年评价报告质量评分标准"
GUANGXI = "广西预算绩效自评系统"
DESIGN = "本软件的读数约定"
CORPUS = "对2,219个真实工作簿的读取试验"
