"""What is wrong with the form of a scheme file, in the words of the person who wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from perfxl.schemes.keys import at, keys_of
from perfxl.schemes.records import Scheme
from perfxl.values.expressions import LazyPattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNKNOWN = LazyPattern(r"Object contains unknown field `(?P<field>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_MISSING = LazyPattern(r"Object missing required field `(?P<field>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_AT = LazyPattern(r" - at `\$\.?(?P<at>[^`]*)`")
_BOUND = LazyPattern(r"Expected `(?:float|int)` (?P<sign><=|>=|<|>) (?P<bound>\S+)")
_EXPECTED = {"float": "数", "int": "整数", "str": "文字", "array": "列表", "object": "表", "null": "空"}
_SIGNS = {">=": "不小于", ">": "大于", "<=": "不大于", "<": "小于"}


def structure_words(message: str, raw: Mapping[str, Any]) -> str:
    """A structural error in a scheme file, in the words of the person who wrote the file."""
    if match := _UNKNOWN.search(message):
        return f"{_dotted(match['at'] or '', match['field'])}：没有这个键。{_allowed(match['at'] or '')}"
    if match := _MISSING.search(message):
        return f"{_dotted(match['at'] or '', match['field'])}：缺少这个键。"
    at_match = _AT.search(message)
    key = at_match["at"] if at_match else ""
    text = _AT.sub("", message)
    _, declared = at(key)
    title = f"“{declared.title}”" if declared and declared.title != declared.name else ""
    if "Invalid enum value" in text:
        value = text.removeprefix("Invalid enum value").strip().strip("'")
        words = declared.words if declared else {}
        said = f"（依次为{'、'.join(words.values())}）" if words else ""
        return f"{key}：{title}的值“{value}”不在允许之列。可用的值：{'、'.join(words)}{said}。"
    if match := _BOUND.search(text):
        written = _written(raw, key)
        bound = f"{_SIGNS[match['sign']]} {match['bound'].removesuffix('.0')}"
        hint = "；比例写成小数，例如 95% 写作 0.95" if declared and declared.unit == "%" else ""
        return f"{key}：{title}应{bound}，写的是 {written}{hint}。"
    if "of length >= 1" in text:
        return f"{key}：{title}不能是空的。"
    for english, chinese in _EXPECTED.items():
        text = text.replace(f"`{english}`", chinese)
    text = text.replace("Expected ", "应为").replace(", got ", "，实为").replace(" | ", "或")
    return f"{key}：{title}{text}。"


def _dotted(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _allowed(path: str) -> str:
    record, found = at(path)
    record = found.record if found is not None else record if not path else None
    names = list(keys_of(record or Scheme)) if record or not path else []
    return f"可用的键：{'、'.join(names)}。" if names else ""


def _written(raw: Any, path: str) -> object:
    """The value at a path; of a path through a nameless place (`gives_to[...]`), the numbers there."""
    for part in re.findall(r"[^.\[\]]+|\[[^\]]*\]", path):
        if part == "[...]":
            return "、".join(map(str, raw.values())) if isinstance(raw, dict) else raw
        raw = raw[int(part[1:-1])] if part.startswith("[") else raw[part]
    return raw


_FULL_WIDTH = LazyPattern(r"[“”‘’＝，｛｝［］＃０-９．：]")
_PLACE = LazyPattern(r"at line (\d+)")


def toml_words(message: str, text: str) -> str:
    """Where a file stops being TOML, the line itself and what is usually wrong with it."""
    if "Cannot overwrite" in message or "Cannot declare" in message:
        why = "同一个键或同一个表写了两次"
    elif "Cannot mutate" in message or "already exists" in message:
        why = "同一个名称既作键又作表"
    else:
        why = "常见原因：引号、括号没有成对，漏了逗号或等号"
    lines = text.splitlines() or [""]
    found = _PLACE.search(message)
    number = int(found[1]) if found else len(lines)
    line = lines[number - 1].strip()
    bare = re.sub(r'"[^"]*"', "", line.partition("#")[0])
    if odd := "".join(dict.fromkeys(_FULL_WIDTH.findall(bare))):
        why = f"用了全角符号 {odd}，请改成半角"
    return f"第{number}行不是正确的 TOML：{line}　{why}。"
