"""What a person means by a line: a file dropped on the program, quotes kept around a path, `~`, wildcards that no shell expanded."""

from __future__ import annotations

import os
import re
from itertools import chain
from typing import TYPE_CHECKING

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("「", "」"), ("《", "》"))
_BLANKS = " \t\xa0\u3000"
_STRAY = "".join(chain.from_iterable(_QUOTES)) + _BLANKS + "\u202a\u202c\ufeff\u200b\r\n"
"""What stands around a path that was copied: one quote too many, blanks, marks of direction that nobody sees."""
_BEHIND_THE_HOST = re.compile(r"file:(?://(?:localhost)?(?=/))?(.*)", re.IGNORECASE | re.DOTALL)
_SCORED = ("score",)
_ENDINGS = (".xlsx", ".xlsm", ".xls", ".et", ".docx", ".zip")
_HELP = frozenset({"help", "/?", "/h", "-?", "帮助"})
"""What people type for `--help`."""


class EmptyArgumentError(PerfxlError):
    """An argument without a character: a variable of a script that was not set, never the current folder."""

    def __init__(self) -> None:
        super().__init__('有一个参数是空的（""）。请检查命令里的文件名。', en='An argument is empty (""). Check the names on the line.')


def understood(arguments: Sequence[str], commands: Collection[str], *, wildcards: bool = os.name == "nt") -> list[str]:
    """The arguments as the commands take them.

    Raises:
        PerfxlError: an argument is empty.
    """
    if any(not argument.strip() for argument in arguments):
        raise EmptyArgumentError
    line: list[str] = []
    for argument in arguments:
        line.extend(_expanded(_meant(argument), wildcards=wildcards))
    name = line[0].lower() if line and not _exists(line[0]) else ""
    if name in _HELP:
        return [*(word for word in line[1:2] if word in commands), "--help"]
    words = [name] if name in commands else []
    words += _put_together([_no_option(word) for word in line[len(words) :]])
    return [*_SCORED, *words] if _is_a_file(words, commands) else words


def _no_option(argument: str) -> str:
    """A file that is there and whose name begins as an option does."""
    return f".{os.sep}{argument}" if argument.startswith("-") and "." in argument and _exists(argument) else argument


def _put_together(words: list[str]) -> list[str]:
    """`我 的 表.xlsx` without quotes: words that are no files, but with blanks between them the name of one."""
    until = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    whole = " ".join(words[:until])
    return [whole, *words[until:]] if until > 1 and not all(map(_exists, words[:until])) and _exists(whole) else words


def _meant(argument: str) -> str:
    """An argument, or the value behind `--roster=`, as the path it means; one that is there as it was typed stays."""
    name, mark, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    if _exists(value):
        return argument
    whole = _home(_of_a_link(_unquoted(value)))
    bare = _home(_of_a_link(value.strip(_STRAY)))
    return f"{name}{mark}{bare if bare != whole and _exists(bare) else whole}"


def _unquoted(text: str) -> str:
    """What stands between two quotes, or between blanks; a line end is nothing that a person types behind a name."""
    text = text.strip(_BLANKS)
    for left, right in _QUOTES:
        inner = text[1:-1].strip()
        if len(text) > 2 and text.startswith(left) and text.endswith(right) and inner:
            return inner
    return text


def _of_a_link(text: str) -> str:
    """The path of `file:///D:/a%20b.xlsx`, as browsers and chat programs write it."""
    if text[:5].lower() != "file:":
        return text
    from urllib.parse import unquote  # 3 ms that other lines do not need

    path = unquote(found[1]) if (found := _BEHIND_THE_HOST.fullmatch(text)) else text
    return path[1:] if re.match(r"/[A-Za-z]:[/\\]", path) else path


def _home(text: str) -> str:
    """`~/x` below the home folder; `~$x.xlsx` is a file."""
    return os.path.expanduser(text) if text == "~" or text.startswith(("~/", "~\\")) else text  # noqa: PTH111 - `Path` would tidy what is no path


def _expanded(argument: str, *, wildcards: bool) -> list[str]:
    """What a wildcard stands for, where the shell leaves that to the program; one that matches nothing stays as it is."""
    if not wildcards or argument.startswith("-") or os.path.lexists(argument):
        return [argument]
    import glob  # 2 ms that `--help` does not need

    return sorted(glob.glob(argument)) or [argument]  # noqa: PTH207 - of a text as typed, drive letters included


def _is_a_file(line: Sequence[str], commands: Collection[str]) -> bool:
    """Whether a line begins with a file or a folder instead of a command (or with options of scoring before one)."""
    if not line or line[0] in commands:
        return False
    if line[0].startswith("-") and line[0] != "--":
        name = line[0].partition("=")[0]
        return name not in ("-h", "--help", "--version") and not any(word in commands for word in line) and any(map(_exists, line))
    return line[0] == "--" or _exists(line[0]) or "/" in line[0] or "\\" in line[0] or line[0].lower().endswith(_ENDINGS)


def _exists(text: str) -> bool:
    try:
        return os.path.lexists(text)
    except (OSError, ValueError):
        return False
