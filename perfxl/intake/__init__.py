"""Papers become submissions: found, proved harmless, read by an engine, their columns found.

In: paths and bytes of anyone. Out: a `Submission` with the place of each cell, or a refusal with its code.
Touch without asking: aliases of titles (`model.columns`), words of `discover`. Ask first: a limit or a proof of `guard`.
Held by: test_guard, test_readers, test_hostile_batch, test_fuzz, test_names.
"""
