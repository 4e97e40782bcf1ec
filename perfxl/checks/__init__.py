"""Rows become issues: one code, one function that returns the bad rows as a mask.

In: scored frames. Out: issues with their cells, sorted, follow-ons dropped.
Touch without asking: any check, with its test trio and its catalogue entry. Ask first: `engine`.
Held by: test_checks, test_catalogue, test_codes.
"""
