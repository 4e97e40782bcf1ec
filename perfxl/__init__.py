"""Score, check and consolidate 绩效自评 workbooks."""

from perfxl.values import PercentNumber, Reading, read_value, render

__all__ = ["PercentNumber", "Reading", "read_value", "render"]
