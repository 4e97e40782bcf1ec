"""Who is whose: which unit each submission belongs to, decided before anything else (contract §5).

Pure functions over headers and the roster. Codes are texts; code and name must agree; where they do not, nobody is chosen.
The work is linear in submissions and roster rows: everything is looked up, nothing compared pairwise.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.consolidation.names import AMBIGUOUS, SHORTEST_CODE, Names, name_key, several, without_office
from perfxl.consolidation.submissions import Header, code_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

UNLISTED = -1


@dataclass(frozen=True, slots=True)
class Member:
    """A unit of the roster; its rows, one per item due, share the number."""

    number: int
    name: str
    code: str
    authority: str
    key: str
    """What keys of its submissions begin with: its code, with the name where several units have it."""
    names: tuple[str, ...]
    """Every compared name: its own, 曾用名, 简称."""


class Directory:
    """The roster as it is searched. `members` in the order of the roster; an empty roster has none."""

    def __init__(self, roster: pd.DataFrame) -> None:
        columns = [roster[name].tolist() for name in ("unit", "name", "code", "authority", "former", "short")]
        rows: dict[int, list[str]] = {}
        aliases: dict[int, dict[str, None]] = {}
        for number, name, code, authority, former, short in zip(*columns, strict=True):
            kept = rows.setdefault(number, ["", "", ""])
            for i, value in enumerate((name, code, authority)):
                kept[i] = kept[i] or value
            aliases.setdefault(number, {}).update(dict.fromkeys(map(name_key, (*several(former), *several(short)))))
        shared = Counter(code_key(code) for _, code, _ in rows.values() if code)
        plain = Counter(name_key(name) for name, code, _ in rows.values() if not code)
        self.members: list[Member] = []
        for number, (name, code, authority) in sorted(rows.items()):
            own = name_key(name)
            key = own if not code else code_key(code) if shared[code_key(code)] == 1 else f"{code_key(code)}·{own}"
            if not code and plain[own] > 1:
                key = f"{own}·{number}"
            self.members.append(Member(number, name, code, authority, key.replace("|", "¦"), (own, *aliases[number])))
        self.codes: dict[str, list[int]] = {}
        self.bare_codes: dict[str, list[int]] = {}
        self.names: dict[str, list[int]] = {}
        self.aliases: dict[str, list[int]] = {}
        self.bases: dict[str, list[int]] = {}
        for at, member in enumerate(self.members):
            code = code_key(member.code)
            if code:
                self.codes.setdefault(code, []).append(at)
            if code.startswith("0") and code.isdecimal():
                self.bare_codes.setdefault(code.lstrip("0"), []).append(at)
            self.names.setdefault(member.names[0], []).append(at)
            for alias in member.names[1:]:
                self.aliases.setdefault(alias, []).append(at)
            self.bases.setdefault(without_office(member.names[0]), []).append(at)

    def __len__(self) -> int:
        return len(self.members)

    def named(self, key: str) -> list[int]:
        """The units a compared name may mean: exact, else 曾用名 or 简称, else with or without 本级 where only one is listed."""
        if not key:
            return []
        found = self.names.get(key) or self.aliases.get(key)
        if found:
            return found
        base = self.bases.get(without_office(key), [])
        return base if len(base) == 1 else []

    def looked_up(self, text: str) -> list[int]:
        """The units a person means who writes a code or a name."""
        return self.codes.get(code_key(text)) or self.named(name_key(text))

    def witnesses(self, others: Sequence[str] = ()) -> Names:
        """The names and codes to look for in paths; `others` are compared names of units off the roster, numbered behind it."""
        spoken = [(name, member.number) for member in self.members for name in member.names]
        codes = [(code, units[0] if len(units) == 1 else AMBIGUOUS) for code, units in self.codes.items() if _telling(code)]
        return Names([*spoken, *codes, *((name, len(self.members) + i) for i, name in enumerate(others))])


def _telling(code: str) -> bool:
    """A code that a path does not hold by chance: long enough, and no year."""
    return len(code) >= SHORTEST_CODE and not (len(code) == 4 and code.startswith(("19", "20")))


@dataclass(frozen=True, slots=True)
class Whose:
    """The unit of one submission. `listed` is its number on the roster, −1 for one that is not on it.

    `code` is `identity-conflict`, `identity-suspect` or "" (certain); `concerned` names the keys of the units in conflict;
    `noted` holds what is said beside: `code-differs`, `code-zeros-lost`.
    """

    key: str
    listed: int = UNLISTED
    code: str = ""
    concerned: tuple[str, ...] = ()
    suggested: int = UNLISTED
    noted: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)


def whose(headers: Mapping[int, Header], directory: Directory) -> dict[int, Whose]:
    """The unit of every submission: of the roster where code or name find it there, else among themselves."""
    found: dict[int, Whose] = {}
    for number, header in headers.items():
        listed = _listed(header, directory) if directory.members else None
        if listed is not None:
            found[number] = listed
    found.update(_among_themselves({n: h for n, h in headers.items() if n not in found}))
    return found


def _listed(header: Header, directory: Directory) -> Whose | None:
    """The unit of the roster; None where neither code nor name is on it."""
    members = directory.members
    code, name = code_key(header.code), name_key(header.name)
    named = directory.named(name)
    coded = directory.codes.get(code, []) if code else []
    zeros = False
    if code and not coded:
        restored = directory.bare_codes.get(code, []) if code.isdecimal() else []
        coded = [at for at in restored if at in named or not name]
        zeros = bool(coded)
    if coded and named:
        both = [at for at in coded if at in named]
        if len(both) == 1:
            return _certain(members[both[0]], header, zeros=zeros)
        return _conflict(header, [members[at] for at in dict.fromkeys(both or [*coded, *named])])
    if coded:
        if len(coded) > 1:
            return _conflict(header, [members[at] for at in coded])
        member = members[coded[0]]
        if not name:
            return _certain(member, header, zeros=zeros)
        said = {"unit": member.name, "reason_text": f"编码是它的，名称“{header.name}”不是（建议曾用名：{header.name}）"}
        return Whose(member.key, member.number, "identity-suspect", suggested=member.number, details=said)
    if len(named) == 1:
        return _certain(members[named[0]], header, zeros=zeros)
    return _conflict(header, [members[at] for at in named]) if named else None


def _certain(member: Member, header: Header, *, zeros: bool) -> Whose:
    details = {"unit": member.name, "typed_code": header.code, "expected": member.code}
    if zeros:
        return Whose(member.key, member.number, noted="code-zeros-lost", details=details)
    if header.code and member.code and code_key(header.code) != code_key(member.code):
        return Whose(member.key, member.number, noted="code-differs", details=details)
    return Whose(member.key, member.number)


def _conflict(header: Header, members: list[Member]) -> Whose:
    keys = tuple(member.key for member in members)
    return Whose(
        f"?{name_key(header.name)}·{code_key(header.code)}",
        UNLISTED,
        "identity-conflict",
        keys,
        details=_points_to(header, [m.name for m in members]),
    )


def _points_to(header: Header, names: Iterable[str]) -> dict[str, str | float]:
    return {"typed_code": header.code, "typed_name": header.name, "units": "、".join(names)}


def _among_themselves(headers: Mapping[int, Header]) -> dict[int, Whose]:
    """Submissions of no roster: one name with a code and without is one unit, with and without its zeros too."""
    named: dict[str, dict[str, set[str]]] = {}
    """Name to its codes without zeros to its codes as typed."""
    exact: dict[str, dict[str, str]] = {}
    """Code to the names it comes under, each as typed."""
    bare: dict[str, set[str]] = {}
    for header in headers.values():
        name, code = name_key(header.name), code_key(header.code)
        if name and code:
            named.setdefault(name, {}).setdefault(bare_code(code), set()).add(code)
            exact.setdefault(code, {}).setdefault(name, header.name)
            bare.setdefault(bare_code(code), set()).add(name)

    def key_of(name: str, code: str) -> str:
        codes = named.get(name, {}).get(code, set())
        longest = max(codes, key=lambda c: (len(c), c), default="")
        if not longest:
            return name
        return longest if len(exact[longest]) == 1 else f"{longest}·{name}"

    found: dict[int, Whose] = {}
    for number, header in headers.items():
        name, code = name_key(header.name), code_key(header.code)
        under = exact.get(code, {})
        if code and len(under) > 1:
            units = tuple(key_of(other, bare_code(code)) for other in under)
            own = key_of(name, bare_code(code)) if name else f"?·{code}"
            found[number] = Whose(own, UNLISTED, "identity-conflict", units, details=_points_to(header, sorted(under.values())))
        elif code:
            others = bare.get(bare_code(code), set())
            name = name or next(iter(under), "") or (next(iter(others)) if len(others) == 1 else "")
            found[number] = Whose(key_of(name, bare_code(code)) if name else code)
        else:
            codes = named.get(name, {})
            nobody = f"?{header.sha256}{header.part}"
            found[number] = Whose(key_of(name, next(iter(codes)) if len(codes) == 1 else "") or nobody)
    return found


def bare_code(code: str) -> str:
    """A code without the zeros that Excel takes from a number."""
    return code.lstrip("0") if code.isdecimal() else code
