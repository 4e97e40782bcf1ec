"""`perfxl` and `python -m perfxl`."""

from __future__ import annotations

import gc
import os
import sys
import warnings


def main() -> None:
    """Run the command line; the language is settled first, because help texts are in it."""
    # Few cycles are made, and a folder is millions of objects that stay: looking through them after every 700 costs a tenth of a run.
    gc.set_threshold(500_000, 20, 20)
    arguments = sys.argv[1:]
    for i, argument in enumerate(arguments):
        if argument == "--":
            break
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and i + 1 < len(arguments):
            value = arguments[i + 1]
        if value in ("zh", "en"):
            os.environ["PERFXL_LANG"] = value
    if not sys.warnoptions:
        # Both speak to programmers; `python -W default -m perfxl` shows them. What cannot be raised: a package that a full disk
        # left open tries to close itself once more.
        warnings.simplefilter("ignore")
        sys.unraisablehook = lambda _what: None
    from perfxl.cli import run

    _end(run(arguments))


def _end(code: int) -> None:
    """Leave without taking the modules apart one by one (a twentieth of a score), where nothing waits for the end: no worker, no ledger."""
    gc.freeze()  # nothing is left to collect that the end of the process does not free
    if sys.modules.keys() & {"multiprocessing", "sqlite3", "coverage"}:
        sys.exit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # its reader has gone, or it was closed from the start
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    main()
