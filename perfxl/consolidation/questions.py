"""待裁定 as rows: the open questions of a run, then the answers that were applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfxl.consolidation.decisions import Question, Reason, Ruling, earlier, why_shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.consolidation.records import Consolidation


def question_rows(c: Consolidation) -> list[tuple[object, ...]]:
    """The cells of 待裁定 row by row, in the order of `TITLES`; blanks are None."""
    return [(at, *(cell or None for cell in row)) for at, row in enumerate((*_open(c), *_decided(c)), 1)]


def _open(c: Consolidation) -> Iterator[tuple[str, ...]]:
    newer = _after_a_return(c)
    refused = {unfit.ruling.key: unfit for unfit in c.unfit if not unfit.unused}
    asked = {(question.file, question.part) for question in c.questions}
    for question in c.questions:
        if question.key in refused:
            typed, why = refused[question.key].ruling, refused[question.key].why
            about = *_about(question, question.suggested)[:-1], f"{why_shown(question)}（填的裁定没有用上：{why}）"
            yield (*about, *_answer(typed), question.sha256)
            continue
        before = earlier(question, c.earlier_rulings, asked)
        suggested, note = question.suggested, "建议采用：别的一份退回后才报来" if question.key in newer else ""
        if before is not None:
            suggested = before.unit or suggested
            note = f"上次裁定：{before.word}{before.unit}"
        yield (*_about(question, suggested), "", "", "", "", "", "", "", note, question.sha256)


def _after_a_return(c: Consolidation) -> set[tuple[str, str, str]]:
    """Of submissions that cannot be told apart the one that came in after all the others had been sent back."""
    rivals: dict[str, list[Question]] = {}
    for question in c.questions:
        if question.reason is Reason.DUPLICATE:
            rivals.setdefault(question.why, []).append(question)
    fresh = {why: [q for q in asked if q.sha256 not in c.returned] for why, asked in rivals.items()}
    return {found[0].key for why, found in fresh.items() if len(found) == 1 and len(rivals[why]) > 1}


def _about(question: Question, suggested: str) -> tuple[str, ...]:
    return question.file, question.part, question.name, question.code, suggested, why_shown(question)


def _decided(c: Consolidation) -> Iterator[tuple[str, ...]]:
    for ruling in c.rulings:
        yield ruling.file, ruling.part, ruling.name, ruling.code, "", _why(ruling), *_answer(ruling), ruling.sha256


def _answer(ruling: Ruling) -> tuple[str, ...]:
    return ruling.word, ruling.unit, ruling.year, ruling.evaluation, ruling.project, ruling.by, ruling.day, ruling.note


def _why(ruling: Ruling) -> str:
    return Reason(ruling.reason).word
