"""Units under the names and codes they had before, as the rosters of a ledger's runs tell it (曾用名)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.names import name_key, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def one_and_the_same(start: Iterable[str], members: Iterable[Mapping[str, str]], names: Iterable[tuple[str, str]]) -> set[str]:
    """The units in `start` with those they were before and became: `names` are units with a name each.

    A unit was another before where its roster says so (`former`) and does not list that other one beside it.

    >>> roster = [{"run": "2", "unit": "0901", "name": "甲新馆", "former": "甲馆"}, {"run": "2", "unit": "0102", "name": "乙馆", "former": ""}]
    >>> sorted(one_and_the_same(["0101"], roster, [("0101", "甲馆"), ("0901", "甲新馆"), ("0102", "乙馆")]))
    ['0101', '0901']
    """
    members = list(members)
    beside: dict[str, set[str]] = {}
    for member in members:
        beside.setdefault(member["run"], set()).add(member["unit"])
    called: dict[str, set[str]] = {}
    for unit, name in names:
        called.setdefault(name_key(name), set()).add(unit)
    linked: dict[str, set[str]] = {}
    for member in members:
        for former in filter(None, map(name_key, several(member["former"]))):
            for unit in called.get(former, set()) - beside[member["run"]]:
                linked.setdefault(unit, set()).add(member["unit"])
                linked.setdefault(member["unit"], set()).add(unit)
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting.extend(linked.get(unit, ()))
    return found
