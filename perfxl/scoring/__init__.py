"""One batch, one answer: read, score, explain, as results or as the JSON document.

In: files or submissions, and schemes. Out: `Results`, sentences, documents.
Touch without asking: the wording of `explain`. Ask first: keys of `document` (the contract), totals.
Held by: test_score, test_scoring_parts, test_published_cases, test_cli.
"""
