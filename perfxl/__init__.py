"""Score, check and consolidate 绩效自评 workbooks."""

__version__ = "0.1.0"
