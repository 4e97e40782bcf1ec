"""What a number format makes of a stored number: value, display, doubt."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from perfxl.intake.guard import CellError, PaddedNumber, ShownText, YuanNumber
from perfxl.intake.guard.formats import BUILT_IN, number_format
from perfxl.values import PercentNumber

ACCOUNTING = '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ '

SAID = [
    # format, stored, what it says (None: the number itself), what it shows, doubt
    ("General", "270.5", None, "270.5", ""),
    ("G/通用格式", "270", None, "270", ""),
    ("", "5", None, "5", ""),
    ("0.00", "98.885", None, "98.89", ""),
    ("#,##0", "1234567", None, "1,234,567", ""),
    (ACCOUNTING, "-640.84", None, "-640.84", ""),
    (ACCOUNTING, "0", None, "-", ""),
    ("0_);(0)", "-5", None, "(5)", ""),
    ("0.00;[红色]-0.00", "-3", None, "-3.00", ""),
    ("0;0", "-5", None, "5", "sign"),
    ("0;[Red]0", "-5", None, "5", "sign"),
    ("0%", "0.951", PercentNumber(0.951), "95%", ""),
    ("0.0%;[Red]-0.0%", "-0.5", PercentNumber(-0.5), "-50.0%", ""),
    ('0"%"', "95", ShownText("95%"), "95%", ""),
    ("0!.0000", "6408412.5", 640.84125, "640.8413", ""),
    ("0\\.0000", "6408400", 640.84, "640.8400", ""),
    ('0!.0,"万"', "12345678", ShownText("1234.5678万"), "1234.6万", ""),
    ("0.0000,", "6408400", 6408.4, "6408.4000", ""),
    ('0.00,,"万"', "6408400", ShownText("6.4084万"), "6.41万", "size"),
    ('0.0,,"百万"', "6408400", ShownText("6.4084百万"), "6.4百万", ""),
    ('0"万人次"', "40", ShownText("40万人次"), "40万人次", ""),
    ('"≤"0', "270", ShownText("≤270"), "≤270", ""),
    ('"-"0', "5", ShownText("-5"), "-5", ""),
    ('0"0"', "27", ShownText("270"), "270", "size"),
    ('0",000"', "27", ShownText("27,000"), "27,000", "size"),
    ('[>100]0"个";0"件"', "27", ShownText("27件"), "27件", ""),
    ("[<1]0%;0", "5", None, "5", ""),
    ('[=1]"达成";General', "1", ShownText("达成"), "达成", "worded"),
    ('"合格"', "0", None, "合格", ""),
    ('"270"', "5", ShownText("270"), "270", "size"),
    ("[$¥-804]#,##0.00", "640.84", YuanNumber(640.84), "¥640.84", ""),
    ('_ "￥"* #,##0.00_ ;_ "￥"* "-"??_ ', "270", YuanNumber(270), "￥270.00", ""),
    ('"¥"0"万"', "27", ShownText("¥27万"), "¥27万", ""),
    ("[$$-409]#,##0.00", "640.84", ShownText("$640.84"), "$640.84", ""),
    ("0000", "12", PaddedNumber(12), "0012", ""),
    ("0000-00-00", "20201231", ShownText("2020-12-31"), "2020-12-31", ""),
    ('0"年"00"月"', "202012", ShownText("2020年12月"), "2020年12月", ""),
    (";;;", "5", None, "", "hidden"),
    ("0;-0;", "0", None, "", "hidden"),
    ("#", "0", None, "", "hidden"),
    ("# ?/?", "0.5", None, "0.5", ""),
    ("0.00E+00", "270", None, "270", ""),
    ("@", "270", None, "270", ""),
    ('@"人"', "270", ShownText("270人"), "270人", ""),
    ("yyyy-mm-dd hh:mm:ss", "44926.5", datetime(2022, 12, 31, 12), "2022-12-31 12:00:00", ""),
    ("[$-804]yyyy年m月d日;@", "44926", datetime(2022, 12, 31), "2022年12月31日", ""),
    (BUILT_IN[57], "44896", ShownText("2022年12月"), "2022年12月", ""),
    (BUILT_IN[57], "44926", datetime(2022, 12, 31), "2022年12月", ""),
    (BUILT_IN[58], "44926", datetime(2022, 12, 31), "12月31日", "year"),
    ("yyyy", "44562", ShownText("2022年"), "2022", ""),
    ("h:mm", "0.5", time(12), "12:00", ""),
    ("h:mm AM/PM", "0.75", time(18), "6:00 PM", ""),
    ("mm:ss", "0.01", time(0, 14, 24), "14:24", ""),
    ("[h]:mm", "1.5", ShownText("36:00"), "36:00", ""),
    ('[h]"小时"', "1.75", ShownText("42小时"), "42小时", ""),
    ("yyyy-mm-dd", "-1", CellError("########"), "########", "hidden"),
    ("yyyy-mm-dd", "1", datetime(1900, 1, 1), "1900-01-01", ""),
    ("yyyy-mm-dd", "61", datetime(1900, 3, 1), "1900-03-01", ""),
]


@pytest.mark.parametrize(("code", "stored", "value", "shown", "doubt"), SAID, ids=[f"{code} {stored}" for code, stored, *_ in SAID])
def test_a_format_says(code, stored, value, shown, doubt):
    said = number_format(code).say(stored)
    assert (said.value, type(said.value), said.shown, said.doubt) == (value, type(value), shown, doubt)


def test_a_format_is_silent_where_the_number_is_all_it_says():
    silent = {code for code, *_ in SAID if number_format(code).silent}
    assert silent == {"General", "G/通用格式", "", "0.00", "#,##0", ACCOUNTING, "0_);(0)", "0.00;[红色]-0.00", "0.00E+00", "@"}


def test_days_of_1904_are_four_years_on():
    assert number_format("yyyy-mm-dd").say("43464", date1904=True).value == datetime(2022, 12, 31)


@pytest.mark.parametrize(("code", "text", "says", "doubt"), [
    ("General", "270", "270", ""), ("@", "270", "270", ""), ('@"场"', "270", "270场", ""), (";;;", "270", "270", "hidden"), ('0;0;0;"无"', "270", "270", "worded"), ("0.00", "270", "270", ""),
])  # fmt: skip
def test_a_format_says_of_a_text(code, text, says, doubt):
    said = number_format(code).say_text(text)
    assert (said.value, said.doubt) == (says, doubt)
