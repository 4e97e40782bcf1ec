"""Whether the known words of an actual are of its row's business: 拆除30座 answers no row of 新建公厕, 图纸30座 none of 公厕.

The lists say which words mean something; the name and the target say which of them mean the row's own number.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from perfxl.values import lexicon, nouns
from perfxl.values.dates import DATE_IN_TEXT
from perfxl.values.expressions import Expression
from perfxl.values.numerals import normalised
from perfxl.values.record import Reading, ReadingKind
from perfxl.values.vocabulary import DATE_COMPLETION

Said = tuple[tuple[str, str], ...]

_GENERIC = frozenset(lexicon.GENERIC.split())
_LINES = [line.partition(" | ") for line in lexicon.RESULTS.split("\n")]
_GROUPS = [frozenset(words.split()) for words, _, _ in _LINES]
_GOES_WITH = {word: frozenset(units.split()) for words, _, units in _LINES if units for word in words.split()}
_SPENDING = frozenset(lexicon.SPENDING.split())
_RESULTS = frozenset().union(*_GROUPS)
_NOUNS = frozenset(nouns.NOUNS.split())
_ACTS = sorted({*lexicon.VERBS.split(), *_RESULTS}, key=len, reverse=True)
_RESULT_ENDS = tuple(word for word in _RESULTS | _GENERIC if len(word) > 1)
"""A noun that ends in a result is one: 应急演练."""
_SAMPLES = frozenset(lexicon.SAMPLE_LABELS.split())
_JOINTS = Expression(r"[,;.:()]")
_COMPLETION = Expression("|".join(sorted(map(re.escape, DATE_COMPLETION), key=len, reverse=True)))
_SHARES = frozenset({"%", "‰", "分"})


def fitting(name: str, target: str, done: Reading) -> Reading:
    """`done`, or no number where a word beside it is known and not this row's; only where the row has a name."""
    if not done.said or not name or done.kind not in {ReadingKind.QUANTITY, ReadingKind.RANGE}:
        return done
    strange = _strange(done.said, f"{name};{target}", done.unit or "")
    if not strange:
        return done
    return Reading(done.text, ReadingKind.AMBIGUOUS, words=normalised(done.text), notes=done.notes, unread=strange)


@lru_cache(maxsize=16384)
def _strange(said: tuple[Said, ...], row: str, unit: str) -> str:
    """The first word that is not of the row's business; empty if none is."""
    acts = _acts_of(row)
    around, *asides = said
    return _around(around, row, acts, unit) or next((word for aside in asides if (word := _aside(aside, row, acts))), "")


@lru_cache(maxsize=16384)
def _acts_of(row: str) -> frozenset[str]:
    """The verbs that are a row's own: the one its name begins with, none where that is 开展 or 完成, else all that stand in name and target."""
    if any(row.startswith(verb) for verb in _GENERIC):
        return frozenset()
    noun = next((length for length in range(8, 1, -1) if row[:length] in _NOUNS), 0)
    if leading := next((verb for verb in _ACTS if len(verb) > 1 and row.startswith(verb) and len(verb) >= noun), ""):
        return frozenset({leading})
    return frozenset(word for word in _ACTS if len(word) > 1 and word in row)


def _around(words: Said, row: str, acts: frozenset[str], unit: str) -> str:
    told = [text for kind, text in words if kind == "lead" or text.endswith(_RESULT_ENDS)]
    things = [text for kind, text in words if kind != "lead" and not text.endswith(_RESULT_ENDS)]
    neutral = _GENERIC | (_SAMPLES if unit in _SHARES else _SPENDING if unit == "元" else frozenset())
    generic = any(text in neutral and (not acts or any(set(text) & set(act) for act in acts)) for text in told)
    verbs = [text for text in told if text not in neutral]
    verbs += [] if told else [verb for noun in things if (verb := _begins(noun)) and noun not in row]
    own = any(_is_own(verb, row, acts) for verb in verbs)
    for verb in verbs:
        result = verb in _RESULTS or verb.endswith(_RESULT_ENDS)
        alone = result and unit in _GOES_WITH.get(verb, {unit})
        if not (_is_own(verb, row, acts) or (result and own) or (not acts and (alone or things))):
            return verb
    if verbs or not things or generic or any(_overlaps(noun, row) for noun in things):
        return ""
    return things[-1]


def _begins(noun: str) -> str:
    """The result that a noun begins with: 培训 of 培训教师."""
    return next((noun[:length] for length in (4, 3, 2) if noun[:length] in _RESULTS and len(noun) > length), "")


def done_of_another(text: str, row: str) -> str:
    """What a dated text says was done, where it is neither plain completion nor named by the row (支付 of a row of 改造完成时间)."""
    for piece in _JOINTS.split(DATE_IN_TEXT.sub(",", normalised(text))):
        left = _COMPLETION.sub("", piece)
        if len(left) > 1 and not _overlaps(left, row):
            return left
    return ""


def _aside(words: Said, row: str, acts: frozenset[str]) -> str:
    strange = (text for kind, text in words if not (_is_own(text, row, acts) if kind == "lead" else _overlaps(text, row)) and text not in _GENERIC)
    return next(strange, "")


def _is_own(verb: str, row: str, acts: frozenset[str]) -> bool:
    """A verb of the row, or one of the same line, or a result with a sign of one of them (建成 for 新建)."""
    if verb in row or any(act in verb for act in acts) or (verb not in _RESULTS and _overlaps(verb, row)):
        return True
    return any(verb in group and not acts.isdisjoint(group) for group in _GROUPS) or (verb in _RESULTS and any(set(verb) & set(act) for act in acts))


def _overlaps(noun: str, row: str) -> bool:
    """Whether two signs in a row of a noun stand in the row's name or target."""
    return noun in row or any(noun[at : at + 2] in row for at in range(len(noun) - 1))
