"""Score, check and consolidate 绩效自评 workbooks."""
