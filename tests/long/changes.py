"""Every edit of `tests/test_scored_changes.py`, the ones CI leaves out too: `python tests/long/changes.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from test_scored_changes import EDITS, MORE_EDITS, MOVES_ROWS, after_edits, leaves_no_total, tells_of_an_edit  # noqa: E402


def main() -> int:
    """Run and tell."""
    with tempfile.TemporaryDirectory() as folder:
        before, edited = after_edits(EDITS | MORE_EDITS, Path(folder))
    wrong = 0
    for name, after in edited.items():
        if name == "nothing":
            continue
        try:
            tells_of_an_edit(before, after, explained=name != "explanation typed over")
            if MOVES_ROWS.match(name):
                leaves_no_total(before, after)
        except AssertionError as failed:
            wrong += 1
            print(f"{name}: {failed}", flush=True)
    print(f"{len(edited)} edits, {wrong} that are not told")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
