"""Workbooks out: the only place that imports xlsxwriter."""
