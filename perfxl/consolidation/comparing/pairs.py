"""Which unit of one year is which of the other, and which of their items: codes, names, 曾用名, decisions, 并入 (contract §5).

Certain before less certain; who is claimed by two at one step is nobody's. What is found no partner says why.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perfxl.consolidation.comparing.sides import known_of
from perfxl.consolidation.decisions import Answer
from perfxl.consolidation.items import Matter
from perfxl.consolidation.names import name_key, several
from perfxl.consolidation.submissions import code_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from perfxl.consolidation.comparing.sides import Entered, Side, UnitSeen
    from perfxl.consolidation.decisions import Ruling

BOTH, CODE, NAME, FORMER, DECIDED, MERGED = "编码和名称", "编码", "名称", "曾用名", "裁定", "并入"


@dataclass(frozen=True, slots=True)
class ItemPair:
    """An item of both sides: several submissions of the first where units were merged into one."""

    before: tuple[Entered, ...]
    after: Entered
    basis: str
    noted: str = ""
    absent: tuple[str, ...] = ()
    """Units merged into this one that the first year knew, and took nothing of."""

    @property
    def merged(self) -> bool:
        """Whether several units of the first year, or a part of them, stand against one; a project that went along alone is what it was."""
        part = self.after.matter is Matter.WHOLE and MERGED in self.basis.split("、")
        return len(self.before) > 1 or part or bool(self.absent)


@dataclass(frozen=True, slots=True)
class Lone:
    """A submission without a partner, and why."""

    side: str
    sent: Entered
    why: str


@dataclass(slots=True)
class _Partner:
    unit: str = ""
    basis: str = ""
    why: str = ""


def paired(
    before: Side, after: Side, units: tuple[Mapping[str, UnitSeen], Mapping[str, UnitSeen]], rulings: Sequence[Ruling]
) -> tuple[list[ItemPair], list[Lone]]:
    """The items of both sides put together, in the order of the second; then those that stand alone, of the first side first."""
    partners = successors(units[0], units[1], rulings)
    groups: dict[str, list[Entered]] = {}
    for sent in before.sent:
        groups.setdefault(partners[sent.unit].unit, []).append(sent)
    own: dict[str, list[Entered]] = {}
    for sent in after.sent:
        own.setdefault(sent.unit, []).append(sent)
    pairs: list[ItemPair] = []
    lacking = _Lacking(before, units, partners)
    lone = [Lone("a", sent, partners[sent.unit].why or _absent(sent, after)) for sent in groups.pop("", [])]
    for unit, sents in own.items():
        matched, left, new = _items(groups.pop(unit, []), sents, partners)
        pairs += [replace(pair, absent=gone, noted=_with_absent(pair, gone)) if (gone := lacking.of(pair)) else pair for pair in matched]
        lone += [Lone("a", sent, f"{_what(sent)}在后一年没有") for sent in left]
        known = bool(matched or left)
        lone += [Lone("b", sent, f"{_what(sent)}在前一年没有" if known else _absent(sent, before)) for sent in new]
    return pairs, sorted(lone, key=lambda one: one.side)


class _Lacking:
    """Units that went into another and of which the first year took no whole: sums without them would be too small."""

    def __init__(self, before: Side, units: tuple[Mapping[str, UnitSeen], Mapping[str, UnitSeen]], partners: Mapping[str, _Partner]) -> None:
        self._known, self._after = _Index(known_of(before)), _Index(units[1])
        self._merged_before = {key: {*several(row["merged"])} for key, row in before.members.items()}
        self._partners = partners

    def of(self, pair: ItemPair) -> tuple[str, ...]:
        """The names of those lacking of a whole."""
        unit = self._after.units[pair.after.unit]
        sent = {one.unit for one in pair.before}
        if pair.after.matter is not Matter.WHOLE or not (unit.merged or pair.merged):
            return ()
        own = self._known.itself(unit)
        already = {text for key in own for text in self._merged_before.get(key, ())}
        parts = {key for text in unit.merged if text not in already and not self._after.meant(text) for key in self._known.meant(text)}
        parts |= own if sent.isdisjoint(own) else set()
        return tuple(self._known.units[key].name for key in sorted(parts - sent) if self._partners.get(key, _Partner()).basis in ("", MERGED))


def _with_absent(pair: ItemPair, absent: Sequence[str]) -> str:
    names = "、".join(dict.fromkeys((*(sent.name for sent in pair.before), *absent)))
    return f"合并：{names}；{'、'.join(absent)}前一年没有采用的整体自评，金额不相加"


def _what(sent: Entered) -> str:
    return "这个项目" if sent.matter is Matter.PROJECT else "部门（单位）整体自评"


_FATES = {"superseded": "已被替代", "undecided": "待裁定", "rejected": "没有采用", "ignored": "不计"}


def _absent(sent: Entered, other: Side) -> str:
    """Why the other year has nothing of a unit: its run did not take it, or saw nothing of it."""
    names = {name_key(sent.name), name_key(sent.typed_name)} - {""}
    rest = [s for unit, listed in other.others.items() for s in listed if unit == sent.unit or {name_key(s.name), name_key(s.typed_name)} & names]
    if rest:
        fates = "、".join(dict.fromkeys(_FATES.get(s.fate, s.fate) for s in rest))
        return f"{other.year}年度最后一次汇总没有采用它的表（{fates}）"
    member = other.members.get(sent.unit)
    listed = f"名单里有它（{member['name']}），" if member else ""
    return f"{listed}{other.year}年度没有采用它的表"


# units


def successors(before: Mapping[str, UnitSeen], after: Mapping[str, UnitSeen], rulings: Sequence[Ruling] = ()) -> dict[str, _Partner]:
    """The unit of the second side that each unit of the first is, with the basis; else why none.

    Code and name must agree: where they point to different units, on either side, nobody is chosen.
    """
    found = {key: _Partner() for key in before}
    taken: set[str] = set()
    old, new = _Index(before), _Index(after)
    decided = _decided(new, rulings)
    steps: tuple[tuple[str, Callable[[UnitSeen], Iterable[str]]], ...] = (
        (BOTH, lambda unit: new.coded(unit) & new.named(unit.names)),
        (CODE, new.coded),
        (NAME, lambda unit: new.named(unit.names)),
        (FORMER, lambda unit: new.formerly(unit.names) or new.named(unit.former)),
        (DECIDED, lambda unit: {partner for name in unit.names for partner in decided.get(name, ())}),
    )
    for basis, candidates in steps:
        wanted: dict[str, list[str]] = {}
        for key, unit in before.items():
            if found[key].unit:
                continue
            wished = set(candidates(unit))
            possible = sorted(wished - taken)
            if wished and not possible:
                found[key].why = f"“{_names(after, sorted(wished))}”已与同名或同编码的单位配对；合并的请在名单“并入”一栏写明"
            elif len(possible) > 1:
                found[key].why = f"按{basis}对上{len(possible)}个单位（{_names(after, possible)}），分不清"
            elif possible:
                partner = after[possible[0]]
                clash = "" if basis in (BOTH, DECIDED) else _clash(unit, partner, new) or _clash(partner, unit, old)
                found[key].why = clash and f"{clash}，编码和名称不一致，不配对"
                if not clash:
                    wanted.setdefault(partner.key, []).append(key)
        for partner_key, claims in wanted.items():
            if len(claims) == 1:
                found[claims[0]] = _Partner(partner_key, basis)
                taken.add(partner_key)
                continue
            for key in claims:
                found[key].why = f"前一年{len(claims)}个单位（{_names(before, claims)}）按{basis}都对上“{after[partner_key].name}”，分不清"
    _merge(before, after, found)
    return found


def _names(units: Mapping[str, UnitSeen], keys: Iterable[str]) -> str:
    return "、".join(units[key].name for key in keys)


class _Index:
    """The units of a side by code, name and former name."""

    def __init__(self, units: Mapping[str, UnitSeen]) -> None:
        self.units = units
        self._codes: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._former: dict[str, set[str]] = {}
        for key, unit in units.items():
            if unit.code:
                self._codes.setdefault(code_key(unit.code), set()).add(key)
            for known, names in ((self._names, unit.names), (self._former, unit.former)):
                for name in names - {""}:
                    known.setdefault(name, set()).add(key)

    def coded(self, unit: UnitSeen) -> set[str]:
        """The units with its code."""
        return self._codes.get(code_key(unit.code), set()) if unit.code else set()

    def named(self, names: Iterable[str]) -> set[str]:
        """The units that bear one of the names."""
        return {key for name in names for key in self._names.get(name, ())}

    def formerly(self, names: Iterable[str]) -> set[str]:
        """The units that bore one of the names."""
        return {key for name in names for key in self._former.get(name, ())}

    def itself(self, unit: UnitSeen) -> set[str]:
        """The unit that another side's is, by its code, else by its names."""
        return self.coded(unit) or self.named(unit.names)

    def meant(self, text: str) -> set[str]:
        """The unit a person means who writes a code or a name; none where several."""
        code, name = code_key(text), [name_key(text)]
        found = self._codes.get(code, set()) or self.named(name) or self.formerly(name)
        return found if len(found) == 1 else set()


def _clash(unit: UnitSeen, partner: UnitSeen, there: _Index) -> str:
    """Why a unit cannot be its partner: over there its code, or its name, is another's."""
    coded, named = there.coded(unit), there.named(unit.names) or there.formerly(unit.names)
    if coded and partner.key not in coded:
        return f"编码{unit.code}是“{_names(there.units, sorted(coded))}”的"
    if named and partner.key not in named:
        return f"名称“{unit.name}”是另一个单位的"
    return ""


def _decided(index: _Index, rulings: Iterable[Ruling]) -> dict[str, set[str]]:
    """Names to the unit that the office said their files belong to."""
    found: dict[str, set[str]] = {}
    for ruling in rulings:
        if ruling.word == Answer.BELONGS and ruling.unit and ruling.name:
            found.setdefault(name_key(ruling.name), set()).update(index.meant(ruling.unit))
    return found


def _merge(before: Mapping[str, UnitSeen], after: Mapping[str, UnitSeen], found: dict[str, _Partner]) -> None:
    """并入: a unit that has no successor of its own goes to the one whose roster row names it, or that its own row names."""
    into: dict[str, set[str]] = {}
    old, new = _Index(before), _Index(after)
    for key, unit in after.items():
        for text in unit.merged:
            for meant in old.meant(text):
                into.setdefault(meant, set()).add(key)
    for key, unit in before.items():
        for text in unit.merged:
            into.setdefault(key, set()).update(new.meant(text))
    for key, partners in sorted(into.items()):
        if found[key].unit or not partners:
            continue
        if len(partners) == 1:
            found[key] = _Partner(next(iter(partners)), MERGED)
        else:
            found[key].why = f"名单“并入”写了{len(partners)}个单位（{_names(after, sorted(partners))}），分不清"


# items


def _items(
    before: Sequence[Entered], after: Sequence[Entered], partners: Mapping[str, _Partner]
) -> tuple[list[ItemPair], list[Entered], list[Entered]]:
    """The items of one unit put together: by what they are, then projects by code, else by the only name."""
    left = list(before)
    pairs: list[ItemPair] = []
    new: list[Entered] = []
    names = Counter((s.matter, name_key(s.project)) for s in after)
    for sent in after:
        same = [s for s in left if (s.matter, s.project_key) == (sent.matter, sent.project_key)]
        if not same and sent.matter is not Matter.WHOLE and names[sent.matter, name_key(sent.project)] == 1:
            same = [s for s in left if s.matter is sent.matter and s.project and name_key(s.project) == name_key(sent.project)]
            keys = {s.project_key for s in after}
            same = [s for s in same if s.project_key not in keys]
            if len({s.unit for s in same}) < len(same):
                same = []
        if not same:
            new.append(sent)
            continue
        left = [s for s in left if s not in same]
        own = [partners[s.unit] for s in same]
        basis = "、".join(dict.fromkeys(partner.basis for partner in own))
        pairs.append(ItemPair(tuple(same), sent, basis, _noted(same, sent, own)))
    return pairs, left, new


def _noted(before: Sequence[Entered], after: Entered, partners: Sequence[_Partner]) -> str:
    said = []
    if len(before) > 1 or any(partner.basis == MERGED for partner in partners):
        said.append(f"合并：{'、'.join(sent.name for sent in before)}")
    elif name_key(before[0].name) != name_key(after.name):
        said.append(f"改名：原{before[0].name}")
    if before[0].code and after.code and code_key(before[0].code) != code_key(after.code) and len(before) == 1:
        said.append(f"编码{before[0].code}→{after.code}")
    if len(before) == 1 and name_key(before[0].project) != name_key(after.project) and before[0].project and after.project:
        said.append(f"项目改名：原{before[0].project}")
    if len(before) == 1 and before[0].project_key != after.project_key and name_key(after.project) not in (before[0].project_key, after.project_key):
        said.append(f"项目编码{before[0].project_key}→{after.project_key}")
    return "；".join(said)
