"""Scheme files: find them, lay one over the other, and take only what is whole and sourced."""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from perfxl.model.invisible import compatible
from perfxl.model.system import reason_of
from perfxl.schemes.defects import defects, numeric_keys
from perfxl.schemes.records import Scheme, SchemeError
from perfxl.schemes.words import structure_words, toml_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEME_FOLDER = Path(__file__).parent
DEFAULT_SCHEME = "national-2020"


def scheme_files() -> dict[str, Path]:
    """The built-in schemes, id to file, sorted by id."""
    return {path.stem: path for path in sorted(SCHEME_FOLDER.glob("*.toml"))}


@lru_cache(maxsize=64)
def load_scheme(name: str) -> Scheme:
    """The scheme a person means by an id, a title or its short form, or the one in this file (`ours.toml`, `./ours.toml`).

    Raises:
        SchemeError: no such scheme, or a file that cannot be used; the message names file and key.
    """
    built_in = scheme_files()
    named = scheme_named(name)
    path = built_in[named] if named else Path(name)
    if not named and path.suffix.lower() != ".toml":
        raise SchemeError(
            f"没有名为“{name}”的评分方案。可用：{'、'.join(built_in)}，或一个 .toml 文件。",
            en=f"No scheme “{name}”. There are {', '.join(built_in)}, or a .toml file.",
        )
    written = _read_toml(path)
    scheme = _validated(_merged(written, path, ()), path)
    if "extends" in written:
        for key, message in _credited_to_the_base(written):
            raise SchemeError(f"{path.name}：{key}：{message}")
    return scheme


def scheme_named(name: str) -> str:
    """The id of the built-in scheme that an id, title, alias or short form of a title (what stands before its bracket) names.

    "" where none is named, or several.

    >>> scheme_named("江西"), scheme_named(" 江西（预算执行按档） "), scheme_named("岳阳"), scheme_named("江苏")
    ('jiangxi', 'jiangxi', 'yueyang', '')
    """
    wanted = _folded(name)
    titles = {_folded(title): scheme_id for title, scheme_id in scheme_titles().items()}
    exact = titles.get(wanted) or next((scheme_id for scheme_id in scheme_files() if scheme_id == wanted), "")
    short = {scheme_id for title, scheme_id in titles.items() if wanted and title.partition("(")[0] == wanted}
    return exact or (short.pop() if len(short) == 1 else "")


def _folded(text: str) -> str:
    return "".join(compatible(text).lower().split())


@lru_cache(maxsize=1)
def scheme_titles() -> dict[str, str]:
    """Chinese title (and alias) to id, for every built-in scheme, without validating them."""
    titles: dict[str, str] = {}
    for scheme_id, path in scheme_files().items():
        # The keys before the first table: a whole scheme takes a hundred times as long to parse.
        head = tomllib.loads(path.read_text("utf-8").partition("\n[")[0])
        for title in (head["title"], *head.get("aliases", ())):
            titles[title] = scheme_id
    return titles


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        # Notepad puts a byte order mark before the text.
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SchemeError(f"{path.name}：读不到这个文件，它不存在。请检查路径。", en=f"Cannot find {path.name}. Check the path.") from error
    except OSError as error:
        raise SchemeError(
            f"{path.name}：读不到这个文件（{reason_of(error)}）。请检查路径和权限。", en=f"Cannot read {path.name} ({error.strerror})."
        ) from error
    except UnicodeDecodeError as error:
        raise SchemeError(f"{path.name}：不是 UTF-8 编码的文本，请另存为 UTF-8。", en=f"{path.name} is not UTF-8 text; save it as UTF-8.") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SchemeError(f"{path.name}：{toml_words(str(error), text)}", en=f"{path.name} is not TOML: {error}.") from error


def _merged(raw: dict[str, Any], path: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    """The file's tables over those of the scheme it extends; arrays are replaced whole.

    Identity is never inherited: a file without id or title goes by its own name, not by that of its base.
    """
    base_name = raw.get("extends", "")
    if not base_name:
        return raw
    if not isinstance(base_name, str) or base_name in seen:
        raise SchemeError(f"{path.name}：extends 不能是“{base_name}”（循环或不是文字）。请改成一个内置方案的标识，或旁边的一个 .toml 文件。")
    built_in = scheme_files()
    base_path = built_in.get(base_name) or path.parent / base_name
    if base_name not in built_in and not base_path.is_file():
        raise SchemeError(f"{path.name}：extends：没有名为“{base_name}”的评分方案。可用：{'、'.join(built_in)}，或旁边的一个 .toml 文件。")
    base = _merged(_read_toml(base_path), base_path, (*seen, base_name))
    own = {"id": path.stem, "title": path.stem, "note": f"在“{base.get('title', base_name)}”的基础上修改。", "aliases": []}
    return _merge(base, {**own, **raw})


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merge key by key, `sources` of a table with its keys; anything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        inherited = merged.get(key)
        if isinstance(inherited, dict) and isinstance(value, dict):
            inherited = dict(inherited)
            if "source" in value and "sources" in inherited and "sources" not in value:
                # A table that names a new source for its own numbers keeps the old one for the numbers it inherits.
                inherited["sources"] = {k: v for k, v in inherited["sources"].items() if k not in value}
            if "source" in value and "source" in inherited:
                kept = {k: inherited["source"] for k in inherited if k not in value and k not in ("source", "sources")}
                inherited["sources"] = {**kept, **inherited.get("sources", {})}
            merged[key] = _merge(inherited, value if key == "sources" else _with_sources_of_words(value))
        else:
            merged[key] = value
    return merged


def _with_sources_of_words(table: Mapping[str, Any]) -> dict[str, Any]:
    """A changed word (`mode = "tiers"`) has the source of the numbers changed with it, never the one of the base."""
    named = table.get("sources", {})
    if "source" in table or not isinstance(named, dict):
        return dict(table)
    own = set(named.values())
    numeric = set(numeric_keys(table))
    words = [k for k in table if k not in ("source", "sources") and k not in named and k not in numeric]
    if not words:
        return dict(table)
    return {**table, "sources": {**named, **dict.fromkeys(words, own.pop() if len(own) == 1 else "")}}


def _credited_to_the_base(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Numbers a file changes without a source of its own: they would stand under the source of the number they replace."""
    for name, table in raw.items():
        if not isinstance(table, dict) or name == "sources" or "source" in table:
            continue
        for key in numeric_keys(table):
            if key not in table.get("sources", {}):
                yield f"{name}.{key}", f'改了这个数，但没有写依据。请在 [{name}] 里加 sources = {{ {key} = "…" }}，写 [sources] 里的名称。'


def _validated(raw: dict[str, Any], path: Path) -> Scheme:
    plain = {key: value for key, value in raw.items() if key not in ("file", "fingerprint")}
    fingerprint = hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()[:12]
    try:
        scheme = msgspec.convert({**plain, "file": path.name, "fingerprint": fingerprint}, Scheme)
    except msgspec.ValidationError as error:
        raise SchemeError(f"{path.name}：{structure_words(str(error), plain)}") from error
    for key, message in defects(scheme, plain):
        raise SchemeError(f"{path.name}：{key}：{message}")
    return scheme
