"""How often a property is tried: seeded and few in CI, and so many times more where PERFXL_TIMES says so.

`PERFXL_TIMES=50 python -m pytest tests/test_values.py tests/test_pairing.py tests/test_guard.py tests/test_output.py -k "not office"`
"""

from __future__ import annotations

import os

from hypothesis import settings

TIMES = int(os.environ.get("PERFXL_TIMES", "1"))


def often(examples: int, **more: object) -> settings:
    """So many examples, always the same ones; however long one takes."""
    return settings(derandomize=True, max_examples=examples * TIMES, deadline=None, **more)
