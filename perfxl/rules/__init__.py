"""A submission becomes points: rows stacked into frames, texts into readings, readings into points, each family in a file.

In: submissions and a scheme. Out: frames with readings, `rule`, `completion`, points and what an open row can still earn.
Touch without asking: one family's file. Ask first: the columns of a reading, which every writer prints.
Held by: test_rules_*, test_recalculation (LibreOffice), tests/mutants.
"""
