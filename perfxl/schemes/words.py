"""What is wrong with the form of a scheme file, in the words of the person who wrote it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from perfxl.schemes.records import Scheme

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_AT = re.compile(r" - at `\$\.?(?P<at>[^`]*)`")
_EXPECTED = {"float": "数", "int": "整数", "str": "文字", "array": "列表", "object": "表", "null": "空"}


def structure_words(message: str) -> str:
    """A structural error in a scheme file, in the words of the person who wrote the file."""
    if match := _UNKNOWN.search(message):
        at, key = match["at"] or "", match["field"]
        return f"{_dotted(at, key)}：没有这个键。{_allowed(at)}"
    if match := _MISSING.search(message):
        return f"{_dotted(match['at'] or '', match['field'])}：缺少这个键。"
    at_match = _AT.search(message)
    key = at_match["at"] if at_match else ""
    text = _AT.sub("", message)
    if "Invalid enum value" in text:
        value = text.removeprefix("Invalid enum value").strip().strip("'")
        return f"{key}：值“{value}”不在允许之列。{_allowed_values(key)}"
    for english, chinese in _EXPECTED.items():
        text = text.replace(f"`{english}`", chinese)
    text = text.replace("Expected ", "应为").replace(", got ", "，实为").replace(" | ", "或")
    return f"{key}：{text}。"


def _dotted(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _struct_at(at: str) -> Any:
    """The record type at a dotted path such as `budget.tiers[0]`; None where the path leads nowhere."""
    current: Any = Scheme
    for part in re.findall(r"[^.\[\]]+|\[[^\]]*\]", at):
        if part.startswith("["):
            continue
        hints = {f.name: f.type for f in msgspec.structs.fields(current)} if isinstance(current, type) else {}
        kind = hints.get(part)
        if kind is None:
            return None
        arguments = getattr(kind, "__args__", ())
        current = next((a for a in (kind, *arguments) if isinstance(a, type) and issubclass(a, msgspec.Struct)), kind)
    return current


def _allowed(at: str) -> str:
    record = _struct_at(at)
    if not (isinstance(record, type) and issubclass(record, msgspec.Struct)):
        return ""
    names = [f.name for f in msgspec.structs.fields(record) if f.name not in ("file", "fingerprint")]
    return f"可用的键：{'、'.join(names)}。"


def _allowed_values(key: str) -> str:
    parent, _, name = key.rpartition(".")
    record = _struct_at(parent)
    if isinstance(record, type) and issubclass(record, msgspec.Struct):
        for f in msgspec.structs.fields(record):
            if f.name == name:
                return f"可用的值：{'、'.join(str(value) for value in getattr(f.type, '__args__', ()))}。"
    return ""


_FULL_WIDTH = re.compile(r"[“”‘’＝，｛｝［］＃０-９．：]")
_PLACE = re.compile(r"at line (\d+)")


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
    at = int(found[1]) if found else len(lines)
    line = lines[at - 1].strip()
    bare = re.sub(r'"[^"]*"', "", line.partition("#")[0])
    if odd := "".join(dict.fromkeys(_FULL_WIDTH.findall(bare))):
        why = f"用了全角符号 {odd}，请改成半角"
    return f"第{at}行不是正确的 TOML：{line}　{why}。"
