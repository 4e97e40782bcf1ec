"""Many files, one picture: workers, the shelf of long rows, who counts, sums, the ledger, the roster.

In: folders and a roster. Out: a `Consolidation` of frames, the ledger, Parquet.
Touch without asking: a check across units. Ask first: what is kept in the ledger, who is whose.
Held by: test_consolidate_engine, test_submissions, test_ledger, test_workers, test_roster, test_cluster, test_kills, test_compare.
"""
