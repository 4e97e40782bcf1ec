"""Word documents: the report written from a workbook, its text held against the table, letters of a consolidation.

In: results or a consolidation. Out: .docx, findings.
Touch without asking: sentences. Ask first: the order of a document's parts (other programs read them).
Held by: test_report, test_crosscheck, test_letters, test_word_order.
"""
