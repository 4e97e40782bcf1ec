"""The self-evaluation report: written from a workbook, and its text held against one."""
