"""What a form says of itself: unit, authority, project, year, kind, money unit, claimed total, people, date.

Labels first, then the title, free lines, the sheet's and the file's name; the weaker the source, the louder it is said.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from perfxl.intake.forms import words
from perfxl.intake.forms.blocks import FACTS, FUNDS, INDICATORS, is_title
from perfxl.intake.forms.grid import head_text, plain
from perfxl.intake.submission import text_of
from perfxl.values.dates import in_digits

if TYPE_CHECKING:
    from perfxl.intake.forms.blocks import Form
    from perfxl.intake.forms.grid import Area

Cell = tuple[int, int]


class Facts(Struct):
    """Fields of 基本信息 with their cells; `assumed` names what does not stand in a label, with where it was taken from."""

    values: dict[str, object] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    assumed: list[tuple[str, str, str]] = field(default_factory=list)
    """Field, value, source."""
    ranks: dict[str, int] = field(default_factory=dict)
    read: set[Cell] = field(default_factory=set)

    def offer(self, name: str, value: object, cell: Cell | None, label: str, rank: int) -> None:
        """Keep a fact unless a stronger label has given it."""
        if isinstance(value, str):
            value = value.strip()
        if name == "name" and isinstance(value, str) and plain(value) in _MONEY_WORDS:
            name, rank = "money_unit", 99 - 1
        if name == "filled_on" and isinstance(value, str) and _EMPTY_DATE.fullmatch(value):
            return
        if name == "project" and not _names_a_project(value):
            return
        if value in (None, "") or plain(text_of(value)) in words.PLACEHOLDERS or self.ranks.get(name, 99) <= rank:
            return
        self.ranks[name], self.values[name], self.labels[name] = rank, value, label
        if cell is not None:
            self.cells[name] = cell
        else:
            self.cells.pop(name, None)

    def assume(self, name: str, value: object, source: str, cell: Cell | None = None) -> None:
        """Keep what no label gave, and say so."""
        if name not in self.values and value not in (None, ""):
            self.values[name] = value
            self.assumed.append((name, text_of(value), source))
            if cell is not None:
                self.cells[name] = cell


_MONEY_WORDS = frozenset({"万元", "元", "千元", "百万元", "亿元", "人民币元", "人民币万元"})
"""`单位：万元` is no unit that reports."""
_LETTERS = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_MONEY = re.compile(r"(?:约|共)?-?\d[\d,.]*(?:个|项|亿元|百万元|万元|千元|元|万)?")
_EMPTY_DATE = re.compile(r"[年月日\s.\-/_]*")
_IN_ONE = re.compile(
    r"(?P<label>[\u4e00-\u9fff()（）/]{2,16}?)(?:[(（](?:盖章|公章|签字|签章|签名)[)）])*\s*[:：]\s*(?P<value>[^\s:：].*?)?(?=\s{2,}|\s+[\u4e00-\u9fff()（）]{2,12}[:：]|$)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?\s*度?(?!\d)")
_YEAR_SAID = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年")
_CODED = re.compile(r"^(?:\[(?P<bracket>[0-9A-Za-z]{2,30})\]|(?P<code>[0-9A-Z]{3,30})\s*[-—_－]\s*)\s*(?P<name>[^\d\s].*)$", re.DOTALL)
_MONEY_UNIT = re.compile(r"(?:单位[:：]?|[(（])\s*(?:人民币)?\s*(万元|元|千元|百万元|亿元)\s*[)）]?")


def _names_a_project(value: object) -> bool:
    """Whether what stands beside 项目 can be a name: words, and neither money nor the head of a column."""
    if not isinstance(value, str) or FUNDS.field(value) or INDICATORS.field(value):
        return False
    return _LETTERS.search(said := plain(value)) is not None and _MONEY.fullmatch(said) is None


def read_facts(form: Form, source: str) -> Facts:
    """Everything around the blocks of one form. `source` is the file's name as shown."""
    facts = Facts()
    _from_labels(form, facts)
    _from_lines(form, facts)
    _codes(facts)
    _project(form, facts)
    _kind(form, facts)
    _year(form, facts, source)
    _unit(form, facts, source)
    if facts.values["evaluation"] == "项目":
        _unquoted_project(form, facts)
    _money_unit(form, facts)
    return facts


def fact_rows(form: Form) -> list[int]:
    """The rows that hold facts: above the first head, and below the last row of the indicators."""
    blocks = {r for h in (form.funds, form.goals, *form.heads) if h for r in range(h.first, h.last + 1)}
    return [r for r in range(1 if _first_of_its_columns(form) else form.first, form.last + 1) if r not in blocks]


def _first_of_its_columns(form: Form) -> bool:
    return form.title_at is None or form.first <= 6


def _from_labels(form: Form, facts: Facts) -> None:
    """A label and the value right of it; `标签：值` in one cell too."""
    grid = form.grid
    top = form.heads[0].first
    for row in fact_rows(form):
        filled = [(a, v) for a, v in grid.row(row, form.left, form.right) if a[0] == row]
        known = [isinstance(v, str) and FACTS.field(v) is not None for _, v in filled]
        paired = len(known) % 2 == 0 and all(known[::2]) and not any(known[1::2])
        for at, (area, value) in enumerate(filled):
            if not isinstance(value, str) or (row, area[1]) in facts.read:
                continue
            name = FACTS.field(value) if len(value) <= 40 else None
            if name is not None and not (row > top and name in ("name", "authority", "project", "code", "claimed_total")):
                following = filled[at + 1] if at + 1 < len(filled) else None
                beside = following is not None and (following[0][1] == area[3] + 1 or paired)
                if following is None or not beside or (isinstance(following[1], str) and FACTS.field(following[1])):
                    facts.read.add(area[:2])
                    continue
                if form.funds is None or row < form.funds.first or row > form.heads[-1].last or name != "name":
                    facts.offer(name, following[1], following[0][:2], value, FACTS.rank(value))
                    facts.read |= {area[:2], following[0][:2]}
            elif ":" in plain(value) or "：" in value or ":" in value:
                _in_one(facts, value, area, below=row > top)


def _in_one(facts: Facts, line: str, area: Area | None, *, below: bool) -> None:
    """`项目单位（盖章）：黄石市图书馆   主要领导签字：`: labels with their values in one line."""
    for found in _IN_ONE.finditer(line.strip()):
        label, value = head_text(found["label"]), found["value"]
        name = FACTS.field(label)
        if name and value and not (below and name in ("name", "authority", "project", "code")):
            facts.offer(name, value, area[:2] if area else None, found["label"], FACTS.rank(label))
            if area:
                facts.read.add(area[:2])


def _from_lines(form: Form, facts: Facts) -> None:
    for line in form.grid.before:
        if not is_title(line):
            _in_one(facts, line, None, below=False)


def _codes(facts: Facts) -> None:
    """`219001-池州市…人民政府`, `[155]濉溪县民政局`: the code before a name."""
    for name, code in (("name", "code"), ("authority", ""), ("project", "project_code")):
        found = _CODED.match(text_of(facts.values.get(name)).strip())
        if found:
            facts.values[name] = found["name"].strip()
            said = found["code"] or found["bracket"]
            if code:
                facts.offer(code, said, facts.cells.get(name), "", 50)
            elif "name" not in facts.values:  # the authority is the unit itself
                facts.offer("code", said, facts.cells.get(name), "", 60)


_TYPED_KIND = "自评类型"
_TICKS = re.compile(r"[☑√■□○☐✓✔]")


def _kind(form: Form, facts: Facts) -> None:
    """自评类型 from the title, else from a project being named."""
    title = plain(form.title)
    if "单位整体" in title:
        kind = "单位整体"
    elif "整体" in title or ("部门" in title and "项目" not in title and "project" not in facts.values):
        kind = "部门整体"
    else:
        kind = "项目" if "项目" in title or "专项" in title or "转移支付" in title or "project" in facts.values else "部门整体"
    typed = text_of(facts.values.pop("kind", None))
    facts.values["evaluation"] = typed if plain(facts.labels.get("kind", "")) == _TYPED_KIND and not _TICKS.search(typed) else kind
    if facts.values["evaluation"] == kind != "项目":
        facts.values.pop("project", None)
        facts.cells.pop("project", None)


def _year(form: Form, facts: Facts, source: str) -> None:
    grid = form.grid
    if found := _YEAR.search(text_of(facts.values.get("fiscal_year"))):
        facts.values["fiscal_year"] = int(found[1])
        return
    facts.values.pop("fiscal_year", None)
    for row in range(max(1, form.first - (3 if form.alone else 0)), form.heads[0].first):
        for area, value in grid.row(row, *form.around):
            said = in_digits(plain(text_of(value)))
            alone = re.fullmatch(r"\(?((?:19|20)\d{2})\)?\(?年?度?\)?", said)
            if alone or (area[:2] == form.title_at and (alone := _YEAR.search(said))):
                facts.values["fiscal_year"], facts.cells["fiscal_year"] = int(alone[1]), area[:2]
                return
    for line in (form.title, *grid.before):
        if found := _YEAR.search(in_digits(plain(line))):
            facts.values["fiscal_year"] = int(found[1])
            return
    for text, where in ((grid.name, "工作表名"), (text_of(facts.values.get("project")), "项目名称"), (PurePath(source).stem, "文件名")):
        if found := _YEAR.search(plain(text)):
            facts.assume("fiscal_year", int(found[1]), where)
            return
    own = {at: v for at, v in grid.cells.items() if form.alone or (form.first <= at[0] <= form.last and form.left <= at[1] <= form.right)}
    texts = {int(y) for _, v in sorted(own.items()) if isinstance(v, str) for y in _YEAR_SAID.findall(v)}
    filled = facts.values.get("filled_on")
    if len(texts) == 1 and not filled:
        facts.assume("fiscal_year", texts.pop(), "表内文字")
    elif isinstance(filled, datetime | date) or (found := _YEAR.search(text_of(filled).replace(".", "年"))):
        facts.assume("fiscal_year", (filled.year if isinstance(filled, datetime | date) else int(found[1])) - 1, "填报日期的上一年")  # type: ignore[index]  # found is set on this branch
    elif texts:
        facts.assume("fiscal_year", max(texts), "表内文字")


_QUOTED = re.compile(r"[“\"《「『]([^“”\"《》「」『』]{2,40})[”\"》」』]")

_NO_QUOTE = re.compile(r"[“\"《「『][”\"》」』]")


def _project(form: Form, facts: Facts) -> None:
    """The project in quotation marks in the title, where no label names one: `“送戏下乡”项目支出绩效自评表`."""
    said = set(_QUOTED.findall(form.title))
    if len(said) == 1 and "整体" not in form.title:
        facts.assume("project", said.pop(), "标题", form.title_at)


def _unquoted_project(form: Form, facts: Facts) -> None:
    """The project in a title without quotation marks, else in the sheet's name: 农村人居环境整治项目支出绩效自评表. Told."""
    if "project" in facts.values or "project_code" in facts.values:
        return
    for text, where in ((form.title, "标题中的名称"), (form.grid.name, "工作表名")):
        said = _YEAR.sub("", plain(text)).replace(plain(text_of(facts.values.get("name"))) or "\0", "")
        said = _OF_FORMS.sub("", said.partition("绩效")[0] if where != "工作表名" else said.partition("绩效")[0] or said)
        bare = said.removesuffix("支出").removesuffix("项目")
        if 3 < len(bare) <= 40 and bare.endswith(words.PROJECT_ENDS) and not _ANY_MONEY.fullmatch(bare):
            named = said.removesuffix("支出") if said.endswith("项目支出") else said if said.endswith("项目") else bare
            facts.assume("project", named, where, form.title_at)
            return


_OF_FORMS = re.compile(
    r"^(?:附[件表]?\d*[:：、.]?|\d+[、.．]|[(（]\d+[)）])|^(?:省级|市级|县级|区级|市本级|本级|中央|地方|部门|单位|预算|财政|年度|[-—_·\s])+(?=[\u4e00-\u9fff]{2})"
)
"""What stands before a project in a title and is none."""
_ANY_MONEY = re.compile(
    r"(?:专项|资金|转移支付|项目|经费|补助|支出|财政|部门|预算|本级|中央|[省市县区]级?|年度|单位|业务|工作|一般|运转|其他|特定目标|类|\W|\d)+"
)
_UNIT_IN_TITLE = re.compile(
    r"^(?:(?:19|20)\d{2}年?度?)?(?P<name>.{2,40}?(?:局|委|办|馆|院|校|中心|所|站|厅|部|会|处|队|大学|学院|政府|社|公司|医院|中学|小学|学校|法院|检察院|镇|乡|街道|办事处|幼儿园|团))(?:(?:19|20)\d{2}年?度?)?(?:部门|单位|项目|整体|预算|绩效|支出|\()"
)


def _unit(form: Form, facts: Facts, source: str) -> None:
    if "name" in facts.values:
        return
    if authority := text_of(facts.values.get("authority")):
        facts.assume("name", authority, "主管部门", facts.cells.get("authority"))
        return
    for text, where in (
        (form.title, "标题"),
        *((line, "表前文字") for line in form.grid.before),
        (form.grid.name, "工作表名"),
        (PurePath(source).stem, "文件名"),
    ):
        said = plain(text)
        if where == "标题":
            said = _NO_QUOTE.sub("", said.replace(plain(text_of(facts.values.get("project"))), "", 1))
        if found := _UNIT_IN_TITLE.match(said + ("(" if where in ("工作表名", "文件名") else "")):
            facts.assume("name", found["name"], where, form.title_at if where == "标题" else None)
            return


def _money_unit(form: Form, facts: Facts) -> None:
    """金额单位 from its own label, the heads and the label of the funds, the lines above."""
    if "money_unit" in facts.values:
        return
    grid = form.grid
    rows = range(form.first, form.heads[0].first) if not form.funds or form.funds.first < form.heads[0].first else range(form.first, form.last + 1)
    if form.funds:
        at_head = [v for r in range(form.funds.first, form.funds.last + 2) for _, v in grid.row(r, form.left, form.right)]
        found = next((m for v in at_head if isinstance(v, str) and (m := _MONEY_UNIT.search(v))), None)
        if found:
            facts.values["money_unit"] = found[1]
            facts.labels["money_unit"] = found[0]
            return
    for row in rows:
        for area, value in grid.row(row, *form.around):
            if isinstance(value, str) and (found := re.search(r"(?:金额)?单位[:：]\s*(?:人民币)?(万元|元|千元|百万元|亿元)", value)):
                facts.values["money_unit"], facts.cells["money_unit"] = found[1], area[:2]
                return


__all__ = ["FUNDS", "INDICATORS", "Facts", "read_facts"]
