"""The language of the terminal: Chinese, or English with PERFXL_LANG=en or --lang en."""

from __future__ import annotations

import os

LANG = "en" if os.environ.get("PERFXL_LANG", "").lower().startswith("en") else "zh"


def say(zh: str, en: str) -> str:
    """One of two wordings, by the language of this run."""
    return en if LANG == "en" else zh
