from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_checks import TRIOS

from perfxl.catalogue import CATALOGUE, REASONS, Entry, fix, message, named, severity_of, template
from perfxl.checks.engine import all_checks
from perfxl.model import Issue, Severity

ENTRIES = list(CATALOGUE.values())
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.code)

# The contract's lists (§4, with the further codes of §3).
ERRORS = {
    "sheet-missing", "column-missing", "unit-name-missing", "fiscal-year-missing", "fiscal-year-invalid",
    "scheme-unknown", "budget-missing", "budget-not-a-number", "budget-zero", "budget-negative",
    "budget-total-mismatch", "budget-source-type-mismatch", "budget-line-unknown", "cell-error", "level-unknown",
    "indicator-name-missing", "operator-unknown", "operator-conflict", "target-missing", "target-not-a-number",
    "actual-missing", "actual-not-a-number", "actual-bound-unproven", "actual-ambiguous", "unit-conflict", "formula-without-value",
    "weight-missing", "weight-not-positive", "weights-not-full", "tier-missing", "tier-score-outside",
    "tier-contradicts-date", "score-claimed-over-weight", "execution-among-indicators", "duplicate-submission", "review-invalid", "review-conflict",
    "actual-not-understood", "target-not-understood",
    "form-points-in-values", "form-unit-suspect", "form-part-missing", "form-column-unnamed",
    "identity-conflict", "other-year",
}  # fmt: skip
INFOS = {
    "operator-assumed", "strict-bound-touched", "scored-workbook-submitted", "dimension-missing", "all-full-marks",
    "indicators-outrun-execution", "grade-claimed-without-total",
    "form-read", "form-several", "form-score-shared", "form-execution-row",
}  # fmt: skip
WARNINGS = {
    "template-version-unknown", "cells-outside-form", "file-has-macros",
    "grade-claimed-differs", "total-claimed-differs", "goal-actual-missing", "goal-quantity-unreported",
    "execution-over-100", "execution-low-unexplained", "budget-adjusted-unexplained", "budget-unit-suspect",
    "operator-direction", "target-beyond-year", "weights-block-differs", "score-claimed-differs",
    "deviation-unexplained", "over-completion-unexplained", "tier-inferred", "money-as-quantity",
    "benefit-not-assessable", "indicator-duplicated", "level2-mismatch", "evidence-missing", "negative-actual",
    "not-applicable", "not-submitted", "unexpected-unit", "year-differs", "budget-differs-from-roster",
    "unit-magnitude-suspect", "text-copied", "budget-total-only", "target-not-positive", "rate-over-100",
    "form-total-differs", "form-year-assumed", "form-scheme-suggested", "form-other-kind",
    "identity-suspect", "late", "due-missing", "decision-unused", "review-stale", "review-lost",
}  # fmt: skip
REFUSALS = {
    "file-not-regular", "file-empty", "file-encrypted", "file-is-xls", "file-is-html", "file-is-xml-2003",
    "file-not-xlsx", "file-not-a-workbook", "file-damaged", "file-duplicate-parts", "file-overlapping-parts",
    "file-illegal-part-name", "file-extension", "file-part-missing", "sheet-name-repeated", "file-no-sheet",
    "file-has-dtd", "file-encoding", "file-xml-too-deep", "file-xml-broken", "cell-address-illegal",
    "cells-out-of-order", "string-index-illegal", "cell-number-illegal", "cell-type-unknown", "file-too-large",
    "file-too-slow", "file-out-of-memory", "file-reader-died", "file-unreadable",
}  # fmt: skip
# Rows that nothing else names stay without a score; an official total may not stand on them.
OWN_ERRORS = {
    "header-again",
    "direction-unclear",
    "year-implausible",
    "money-unit-implausible",
    "money-unit-differs",
    "points-on-parent",
    "weight-not-a-number",
    "tier-unknown",
    "deadline-without-date",
    "not-applicable-unexplained",
    "not-applicable-too-much",
    "row-not-scorable",
    "management-data-missing",
    "file-not-readable",
    "file-changing",
    "not-an-intake",
    "folder-unreadable",
    "sheet-repeated",
    "column-repeated",
    "choice-unknown",
    "file-stalled",
    "cell-content-illegal",
    "form-nested-table",
    "form-scheme-lacking",
    "zip-damaged",
    "zip-in-zip",
    "cell-is-picture",
    "shown-differs",
    "decision-invalid",
    "review-unread",
}
OWN_INFOS = {
    "divisor-assumed", "money-unit-assumed", "number-as-text", "text-looks-like-formula", "superseded", "evaluation-assumed", "sheet-by-header",
    "sheet-foreign", "text-struck", "form-levels-missing", "form-points-percent", "code-zeros-lost",
}  # fmt: skip
GROUPS = {1: "file", 2: "unit", 3: "budget", 4: "indicator", 5: "sheet", 6: "consolidation", 7: "form", 8: "review", 9: "output"}
RESAVE = "请用 Excel 或 WPS 打开后另存为 .xlsx 再报。"


def test_severities_are_the_contracts() -> None:
    assert {c: CATALOGUE[c].severity for c in ERRORS | REFUSALS} == dict.fromkeys(ERRORS | REFUSALS, Severity.ERROR)
    assert {c: CATALOGUE[c].severity for c in INFOS} == dict.fromkeys(INFOS, Severity.INFO)
    assert {c: CATALOGUE[c].severity for c in WARNINGS} == dict.fromkeys(WARNINGS, Severity.WARNING)


def test_severity_is_that_of_the_place() -> None:
    def weighs(code: str, column: str = "", *, folder: bool = False) -> str:
        return str(severity_of(Issue(0, code, details={"column": column}), folder=folder))

    assert [weighs("formula-without-value", column) for column in ("全年执行数", "分值", "单位名称", "备注", "联系电话", "")] == [
        *["error"] * 3, *["warning"] * 3]  # fmt: skip
    assert [weighs("indicators-outrun-execution", folder=folder) for folder in (False, True)] == ["info", "warning"]
    assert [weighs("actual-missing", folder=folder) for folder in (False, True)] == ["error", "error"]
    assert severity_of("formula-without-value") is Severity.ERROR


def test_codes_of_our_own_are_listed() -> None:
    listed = ERRORS | REFUSALS | INFOS | WARNINGS
    own = [e for e in ENTRIES if e.code not in listed and not e.code.startswith(("output-", "ignored-", "internal-"))]
    assert {e.code for e in own if e.severity is Severity.ERROR} == OWN_ERRORS
    assert {e.code for e in own if e.severity is Severity.INFO} == OWN_INFOS


def test_numbers_are_unique_and_grouped() -> None:
    numbers = [e.number for e in ENTRIES]
    assert len(set(numbers)) == len(numbers)
    for group, name in GROUPS.items():
        text = (Path(message.__code__.co_filename).parent / f"{name}.py").read_text("utf-8")
        assert all(re.search(rf'"{e.code}",\s+{e.number},', text) for e in ENTRIES if e.number // 100 == group)


def test_words_stand_beside_their_codes_in_the_same_order_and_once() -> None:
    folder = Path(message.__code__.co_filename).parent
    for group, name in GROUPS.items():
        pairs = json.loads((folder / f"{name}.json").read_text("utf-8"), object_pairs_hook=list)
        assert [code for code, _ in pairs] == [e.code for e in ENTRIES if e.number // 100 == group]


@EACH
def test_entry_has_every_text(entry: Entry) -> None:
    assert all((entry.words.zh, entry.words.fix_zh, entry.words.en, entry.words.fix_en, entry.words.why, entry.evidence))
    assert 2 <= len(entry.kind) <= 8
    assert entry.words.zh.endswith("。")
    assert entry.words.fix_zh.endswith("。")
    assert entry.words.why.endswith("。")
    assert entry.words.en.endswith((".", "."))
    assert {*entry.hides, *entry.clears, *entry.hides_written} <= {*CATALOGUE, "*"}


@EACH
def test_texts_are_short_and_plain(entry: Entry) -> None:
    for text in (entry.words.zh, entry.words.fix_zh):
        assert text.count("。") <= 2
        assert not re.search(r"NaN|None|Error|Exception|float|null|True|False|\bstr\b|您|错误地", text)
        assert "{cell}" not in text
    for text in (entry.words.en, entry.words.fix_en):
        assert len(re.findall(r"[.!?](?:\s|$)", text)) <= 2


@EACH
def test_both_languages_show_the_same_facts(entry: Entry) -> None:
    def facts(text: str) -> set[str]:
        return {name.removesuffix("_en") for name in re.findall(r"\{(\w+)\}", text)}

    assert facts(entry.words.zh) == facts(entry.words.en)


@pytest.mark.parametrize("code", sorted(TRIOS))
def test_every_placeholder_is_supplied(code: str) -> None:
    from test_checks import results_of

    entry = CATALOGUE[code]
    wanted = set(re.findall(r"\{(\w+)\}", entry.words.zh + entry.words.fix_zh + entry.words.en + entry.words.fix_en))
    found = [issue for issue in results_of(TRIOS[code][0]).issues if issue.code == code]
    assert found
    assert all(wanted <= set(issue.details) for issue in found)


def test_every_check_has_an_entry_and_every_entry_is_tried() -> None:
    assert {check.code for check in all_checks()} <= set(CATALOGUE)
    read = {e.code for e in ENTRIES if e.number // 100 in (2, 3, 4, 5)} - {
        "scheme-unknown",
        "row-not-scorable",
        "money-unit-differs",
        "weight-shared",
    }  # they need a file: test_scheme, test_everyday_sheets, test_codes
    assert read <= set(TRIOS)


def test_damaged_files_are_to_be_saved_again() -> None:
    damaged = [e for e in ENTRIES if e.kind == "文件损坏"]
    assert len(damaged) > 10
    assert all(e.words.zh.endswith(RESAVE) for e in damaged)


def test_message_shortens_long_texts_and_words_a_reason() -> None:
    issue = Issue(0, "actual-ambiguous", details={"actual": "约\n270 场" * 30, "target_text": "270场", "reason": "unclear"})
    assert message(issue).startswith("实际完成值“约 270 场")
    assert "…”看不出确定的数" in message(issue)
    assert "names no certain number" in message(issue, "en")


def test_too_large_names_what_in_words() -> None:
    issue = Issue(0, "file-too-large", details={"what": "cells", "n": ">1000000", "max": 1000000})
    assert "单元格个数为>1000000" in message(issue)
    assert "the number of cells is" in message(issue, "en")


def test_template_of_a_message_has_no_placeholder() -> None:
    assert all("{" not in template(text) for e in ENTRIES for text in (e.words.zh, e.words.fix_zh, e.words.en, e.words.fix_en))


def test_fix_is_filled_too() -> None:
    assert fix(Issue(0, "scheme-unknown", details={"v": "某省", "schemes": "全国通用(2020)"})) == "请从下拉列表选择，可选：全国通用(2020)。"


def test_reasons_have_both_languages() -> None:
    assert all(zh and en for zh, en in REASONS.values())


def test_a_row_without_a_name_is_not_quoted_as_nothing():
    issue = Issue.at(0, "tier-missing", "绩效指标", "H18", details={"name": "", "why": "", "why_en": ""})
    assert message(issue) == "“（未写名称）”要用完成等级评分，但没有选择完成等级。"
    assert "“(no name)”" in message(issue, "en")


@pytest.mark.parametrize(
    ("word", "codes"), [("unit-conflict", ["unit-conflict"]), ("405", ["unit-conflict"]), ("单位不一致", ["unit-conflict"]), ("无此", [])]
)
def test_a_code_goes_by_its_word_its_number_or_its_kind(word, codes):
    assert [found.code for found in named(word)] == codes
