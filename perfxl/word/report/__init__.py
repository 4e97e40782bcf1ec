"""The self-evaluation report, written from a workbook."""
