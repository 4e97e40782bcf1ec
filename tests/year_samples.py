"""An office's year as a sample, and the command that writes it: `python tests/year_samples.py`.

Every unit, person and figure is invented and marked 示例. Intakes and rosters follow from the tables below; the decisions and the
filled review sheets are those of runs of perfxl itself, with a person's words typed in: `一年.sh` runs the same steps.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from folder_samples import settled
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from perfxl.cli import run
from perfxl.consolidation.decisions import QUESTIONS, TITLES, Answer
from perfxl.model import columns

HOME = Path(__file__).parent.parent / "samples" / "year_2020_2021"
SCRIPT = HOME / "一年.sh"
CULTURE, EDUCATION = "示例市文化局", "示例市教育局"

LIBRARY, ARTS, MUSEUM, PEOPLE, GALLERY, HERITAGE = (f"示例市{name}" for name in ("图书馆", "文化馆", "博物馆", "群众艺术馆", "美术馆", "非遗中心"))
FIRST, SECOND, TRADE, SPECIAL, PALACE, SPORTS = (
    f"示例市{name}" for name in ("第一中学", "第二中学", "职业学校", "特殊教育学校", "少年宫", "体育学校")
)
RENAMED, NEW = "示例市文化艺术中心", "示例市科技活动中心"
CODES = {
    **{name: f"01000{n}" for n, name in enumerate((LIBRARY, ARTS, MUSEUM, PEOPLE, GALLERY, HERITAGE), 1)},
    **{name: f"02000{n}" for n, name in enumerate((FIRST, SECOND, TRADE, SPECIAL, PALACE, SPORTS), 1)},
    RENAMED: "010014",
    NEW: "020007",
}
AUTHORITY = {name: CULTURE if code.startswith("01") else EDUCATION for name, code in CODES.items()}

ROWS = (
    ("events", "产出指标", "数量指标", "开展活动场数", "≥", "场", 20),
    ("visits", "产出指标", "数量指标", "服务人次", "≥", "万人次", 15),
    ("quality", "产出指标", "质量指标", "活动合格率", "≥", "%", 15),
    ("social", "效益指标", "社会效益", "丰富群众生活", "定性", "", 20),
    ("volunteers", "效益指标", "可持续影响", "志愿者人数", "≥", "人", 10),
    ("satisfied", "满意度指标", "服务对象满意度", "服务对象满意度", "≥", "%", 10),
)
"""Names, levels and points of the indicators; execution has 10 points."""


@dataclass(frozen=True)
class Sent:
    """One intake. Targets and actuals by the names of `ROWS`; what is not given is met exactly."""

    unit: str
    money: tuple[float, float]
    targets: dict[str, float] = field(default_factory=dict)
    actuals: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    count: int = 1
    left_out: tuple[str, ...] = ()
    year: int = 2020


TARGETS = {"events": 20, "visits": 4, "quality": 95, "volunteers": 50, "satisfied": 90}

ROUND_1 = {
    "文化/图书馆.xlsx": Sent(LIBRARY, (200, 190)),
    "文化/文化馆自评.xlsx": Sent(ARTS, (150, 135), actuals={"events": 18}),
    "文化/博物馆.xlsx": Sent(MUSEUM, (100, 80), actuals={"quality": None}),
    "文化/群众艺术馆.xlsx": Sent(PEOPLE, (80, 80), actuals={"events": 25, "visits": 3.2}),
    "文化/美术馆.xlsx": Sent(GALLERY, (60, 57), code="010006"),
    "文化/非遗中心.xlsx": Sent(HERITAGE, (50, 40), actuals={"social": "部分达成"}),
    "教育/第一中学.xlsx": Sent(FIRST, (500, 490)),
    "教育/第二中学.xlsx": Sent(SECOND, (400, 380), actuals={"quality": None}),
    "教育/职业学校.xlsx": Sent(TRADE, (300, 300), actuals={"volunteers": 40}),
    "教育/特殊教育学校.xlsx": Sent(SPECIAL, (120, 114)),
    "教育/体育学校.xlsx": Sent(SPORTS, (90, 72), actuals={"events": 10, "satisfied": 72}),
}
"""The first round: 美术馆 with the code of 非遗中心; 博物馆 and 第二中学 without an actual; 少年宫 sends nothing."""

ROUND_2 = {
    "文化/博物馆（第二次）.xlsx": Sent(MUSEUM, (100, 80), actuals={"events": 19}, count=2),
    "教育/第二中学（改）.xlsx": Sent(SECOND, (400, 380), count=2, left_out=("volunteers",)),
    "教育/少年宫.xlsx": Sent(PALACE, (70, 70)),
}
"""What came after the letters: 博物馆 fills the actual and corrects a reviewed row; 第二中学 fills its own and loses a row."""

NEXT_YEAR = {
    "图书馆2021.xlsx": Sent(LIBRARY, (220, 209), {"visits": 3.8}, {"visits": 3.8}),
    "文化馆2021.xlsx": Sent(ARTS, (150, 150), actuals={"events": 19}),
    "博物馆2021.xlsx": Sent(MUSEUM, (100, 90), {"events": 22}),
    "文化艺术中心2021.xlsx": Sent(RENAMED, (90, 81), {"events": 25}, {"events": 25}),
    "美术馆2021.xlsx": Sent(GALLERY, (60, 60)),
    "非遗中心2021.xlsx": Sent(HERITAGE, (50, 45)),
    "第一中学2021.xlsx": Sent(FIRST, (820, 779)),
    "第二中学2021.xlsx": Sent(SECOND, (410, 410)),
    "特殊教育学校2021.xlsx": Sent(SPECIAL, (125, 125), actuals={"satisfied": 81}),
    "少年宫2021.xlsx": Sent(PALACE, (70, 63)),
    "体育学校2021.xlsx": Sent(SPORTS, (90, 81), actuals={"events": 18}),
    "科技活动中心.xlsx": Sent(NEW, (40, 40)),
}
"""2021: 群众艺术馆 has another name and code, 职业学校 is part of 第一中学, 科技活动中心 is new. 图书馆 sets its target below last year's actual."""

BY = "示例复核人"
REVIEW_1 = {
    (LIBRARY, "服务人次"): {"复核得分": 10.5, "扣分理由": "示例：有两个月没有进馆记录", "依据条款": "多目标任务个别未按时完成"},
    (MUSEUM, "开展活动场数"): {"复核得分": 14, "扣分理由": "示例：6场没有照片", "依据条款": "多目标任务个别未按时完成"},
    (FIRST, "活动合格率"): {"复核完成值": "76%", "扣分理由": "示例：抽查的合格率"},
    (SECOND, "志愿者人数"): {"复核得分": 0, "扣分理由": "示例：没有名册", "依据条款": "没有佐证材料"},
}
"""What reviewers type after the first round; 第一中学's points follow from the actual that was found."""
REVIEW_2 = {(MUSEUM, "开展活动场数"): {"复核得分": 13.3, "确认": "是"}}
"""And after the corrections: the review of a row that has changed is confirmed, with its points anew."""


def intake(sent: Sent) -> bytes:
    """A complete small intake."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2021, 3, 1)})  # xlsxwriter takes no time zone
    head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1, "text_wrap": True})
    known = {
        "name": sent.unit,
        "code": sent.code or CODES[sent.unit],
        "authority": AUTHORITY[sent.unit],
        "region": "示例市",
        "fiscal_year": str(sent.year),
        "evaluation": "部门整体",
        "money_unit": "万元",
        "submission_count": str(sent.count),
        "filled_by": "示例填报人",
        "phone": "000-0000000",
        "filled_on": f"{sent.year + 1}年3月{sent.count * 10}日",
    }
    unit = [["项目", "填写内容"], *([c.title, known.get(c.name)] for c in columns.UNIT.columns)]
    full, executed = sent.money
    reason = "示例：部分支出跨年结算，已在次年一季度支付" if executed < full else None
    money = [
        [c.title for c in columns.BUDGET.columns],
        ["合计", "年度资金总额", None, None, None, None, 10, None, reason],
        ["按来源", "当年财政拨款", full, full, executed],
    ]
    rows = [[c.title for c in columns.INDICATORS.columns], *(_indicator(sent, *row) for row in ROWS if row[0] not in sent.left_out)]
    for title, table, widths in (
        (columns.UNIT.sheet, unit, (20, 28)),
        (columns.BUDGET.sheet, money, (10, 18, 12, 12, 12, 8, 6, 8, 30)),
        (columns.INDICATORS.sheet, rows, (11, 15, 18, 8, 12, 9, 12, 10, 6, 8, 28)),
    ):
        sheet = book.add_worksheet(title)
        for c, width in enumerate(widths):
            sheet.set_column(c, c, width)
        for r, row in enumerate(table):
            for c, value in enumerate(row):
                if value is not None:
                    sheet.write(r, c, value, head if r == 0 else None)
    book.close()
    return stream.getvalue()


def _indicator(sent: Sent, name: str, level1: str, level2: str, level3: str, operator: str, unit: str, weight: float) -> list[object]:
    if operator == "定性":
        tier = sent.actuals.get(name, "达成")
        done = "有效丰富" if tier == "达成" else "下半年场馆维修，活动减少"
        return [level1, level2, level3, operator, "有效丰富", None, done, tier, weight, None, None if tier == "达成" else "示例：场馆维修"]
    target = sent.targets.get(name, TARGETS[name])
    actual = sent.actuals.get(name, target)
    reason = "示例：天气原因取消，次年补办" if actual is not None and actual < target else None
    said = None if actual is None else f"{actual:g}{unit}"
    return [level1, level2, level3, operator, f"{target:g}{unit}", unit or None, said, None, weight, None, reason]


def roster(year: int) -> bytes:
    """The 应报单位名单 of a year."""
    book = Workbook()
    sheet = book.active
    sheet.title = "应报单位名单"
    sheet.append(["单位名称", "预算单位编码", "主管部门", "联系人", "电话", "曾用名", "并入"])
    gone = {PEOPLE, TRADE} if year == 2021 else {RENAMED, NEW}
    for name, code in CODES.items():
        if name not in gone:
            former = PEOPLE if name == RENAMED else None
            merged = TRADE if year == 2021 and name == FIRST else None
            sheet.append([name, code, AUTHORITY[name], "示例联系人", "000-0000000", former, merged])
    for letter, width in zip("ABCDEFG", (26, 14, 16, 12, 14, 22, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    target = BytesIO()
    book.save(target)
    return settled(target.getvalue())


def papers() -> dict[str, bytes]:
    """Intakes and rosters: path and content."""
    found = {f"2020第一轮/{path}": intake(sent) for path, sent in ROUND_1.items()}
    found |= {f"2020第二轮/{path}": intake(sent) for path, sent in ROUND_2.items()}
    found |= {f"2021/{path}": intake(Sent(**{**_values(sent), "year": 2021})) for path, sent in NEXT_YEAR.items()}
    return {**found, "名单2020.xlsx": roster(2020), "名单2021.xlsx": roster(2021)}


def _values(sent: Sent) -> dict[str, Any]:
    return {name: getattr(sent, name) for name in Sent.__dataclass_fields__}


# what people decide and review, typed into what perfxl wrote


def decided(summary: Path) -> bytes:
    """待裁定 of a consolidated workbook with the office's word on 美术馆; nothing else is decided."""
    asked = load_workbook(summary)[QUESTIONS]
    rows = [[cell.value for cell in row] for row in asked.iter_rows()]
    head = next(row for row in rows if TITLES["word"] in row)
    book = Workbook()
    sheet = book.active
    sheet.title = QUESTIONS
    sheet.append(head)
    said = {"word": str(Answer.BELONGS), "unit": GALLERY, "by": "示例经办人", "day": "2021-03-20", "note": "示例：编码抄错了一位"}
    for row in rows[rows.index(head) + 1 :]:
        if row[head.index(TITLES["name"])] == GALLERY:
            for name, value in said.items():
                row[head.index(TITLES[name])] = value
        sheet.append(row)
    sheet.column_dimensions[get_column_letter(len(head))].hidden = True
    target = BytesIO()
    book.save(target)
    return settled(target.getvalue())


def reviewed(sheet_file: Path, said: dict[tuple[str, str], dict[str, object]], day: str) -> bytes:
    """A review sheet with what a reviewer types, found by unit and indicator."""
    book = load_workbook(sheet_file)
    sheet = book["复核"]
    head = next(row for row in sheet.iter_rows() if "复核得分" in [cell.value for cell in row])
    at = {cell.value: cell.column - 1 for cell in head}
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        for title, value in said.get((row[at["单位"]].value, row[at["三级指标"]].value), {}).items():
            row[at[title]].value = value
            row[at["复核人"]].value, row[at["复核日期"]].value = BY, day
    target = BytesIO()
    book.save(target)
    return settled(target.getvalue())


def steps(out: Path) -> list[list[str]]:
    """The commands of `一年.sh`, for this folder of results."""
    lines = [line.strip() for line in SCRIPT.read_text("utf-8").replace("\\\n", " ").splitlines()]
    named = {"$here": str(HOME), "$out": str(out)}
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("perfxl ")]
    return [[_named(word, named) for word in command] for command in commands]


def _named(word: str, named: dict[str, str]) -> str:
    for name, meant in named.items():
        word = word.replace(name, meant)
    return word


def write() -> None:
    """Write the sample anew: papers first, then what people say about what each run makes of them."""
    for folder in ("2020第一轮", "2020第二轮", "2021", "复核第一轮", "复核第二轮"):
        shutil.rmtree(HOME / folder, ignore_errors=True)
    (HOME / "裁定2020.xlsx").unlink(missing_ok=True)
    for name, content in papers().items():
        path = HOME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        for command in steps(out):
            if "--review" in command:
                second = command[command.index("--review") + 1].endswith("第二轮")
                _write_reviews(out, second=second)
            if "--decisions" in command and not (HOME / "裁定2020.xlsx").exists():
                (HOME / "裁定2020.xlsx").write_bytes(decided(out / "2020第一轮.xlsx"))
            if run(command) not in (0, 1):
                sys.exit(f"failed: {command}")


def _write_reviews(out: Path, *, second: bool) -> None:
    target = HOME / ("复核第二轮" if second else "复核第一轮")
    if target.exists():
        return
    target.mkdir()
    source = out / ("复核2" if second else "复核1")
    for path in sorted(source.glob("*.xlsx")):
        content = reviewed(path, REVIEW_2 if second else REVIEW_1, "2021-04-25" if second else "2021-04-01")
        if not second or CULTURE in path.name:
            (target / path.name).write_bytes(content)


if __name__ == "__main__":
    write()
