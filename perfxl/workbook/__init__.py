"""Everything written as .xlsx: template, scored and consolidated workbooks, live formulas with the engine's values.

In: frames and results. Out: bytes of a workbook, the same for the same input.
Touch without asking: widths, colours, the order on a page. Ask first: a formula, which belongs to its rule.
Held by: test_template, test_scored, test_recalculation, test_consolidated_workbook, test_rows, test_called_rows, test_compare.
"""
