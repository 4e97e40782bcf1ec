"""A ledger with a flipped bit: what a run over the same inbox makes of it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from inbox import folder, intake

from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.consolidation.ledger import Ledger
from perfxl.jobs.consolidate import Products, run
from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perfxl.jobs.consolidate import RunResult


class Damaged:
    """An inbox, its good result, and its ledger before any damage."""

    def __init__(self, place: Path) -> None:
        self.inbox = folder(place / "in", {f"{n}.xlsx": intake(f"{n}馆", code=f"00{n}") for n in range(3)} | {"坏.xlsx": b"not a workbook"})
        self.products = Products(place / "out" / "汇总.xlsx", place / "out" / "汇总.ledger.sqlite")
        self.products.output.parent.mkdir()
        self.run()
        self.good = self.products.output.read_bytes()
        assert self.products.ledger is not None
        self.path = self.products.ledger
        self.ledger = self.path.read_bytes()
        self.history = self.remembered()
        assert len(self.history) == 3

    def run(self) -> RunResult:
        return run([self.inbox], self.products, ConsolidateOptions())

    def remembered(self) -> list[tuple[str, float | None]]:
        with Ledger(self.path, history_only=True) as ledger:
            return [(entry.name, entry.total) for entry in ledger.history("馆")]

    def put(self, data: bytes) -> None:
        """This ledger and nothing else beside the result."""
        for path in self.path.parent.glob("汇总.ledger.sqlite*"):
            path.unlink()
        self.path.write_bytes(data)

    def with_flips(self, times: int, seed: int) -> Iterator[tuple[int, RunResult]]:
        """So many runs, each with another bit flipped; where the bit was, and what came of it."""
        moments = random.Random(seed)
        for number in range(times):
            # The first page names the tables and where they begin: half of the flips go there.
            bit = moments.randrange(8 * (4096 if number % 2 else len(self.ledger)))
            data = bytearray(self.ledger)
            data[bit // 8] ^= 1 << bit % 8
            self.put(bytes(data))
            self.products.output.unlink(missing_ok=True)
            try:
                self.remembered()
                outcome = self.run()
            except BaseException as error:
                raise AssertionError(f"bit {bit}: {error!r}") from error
            assert self.products.output.read_bytes() == self.good, bit
            assert (outcome.document["accepted"], outcome.traces, len(outcome.notes) < 2) == (3, [], True), bit
            yield bit, outcome


__all__ = ["Damaged", "PerfxlError"]
