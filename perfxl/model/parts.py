"""The parts that an official form may lack, in words."""

from __future__ import annotations

from typing import Final

FUNDS_PART: Final = "资金（预算数、执行数）"
POINTS_PART: Final = "各行指标的分值"
TARGET_PART: Final = "年度指标值一栏"
ACTUAL_PART: Final = "实际完成值一栏"
RATE_PART: Final = "实际完成值一栏（只有完成率）"
TOTAL_PART: Final = "总分（合计）行"
PARTS_EN: Final = {
    FUNDS_PART: "funds (budget and spending)",
    POINTS_PART: "the points of the indicators",
    TARGET_PART: "the column of targets",
    ACTUAL_PART: "the column of actual values",
    RATE_PART: "the column of actual values (there is only one of rates)",
    TOTAL_PART: "the total",
}
