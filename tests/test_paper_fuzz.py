"""A short run of seeded mutants of forms in every container: each is scored or refused with a code, nothing else."""

from __future__ import annotations

import paper_mutants
import pytest

from perfxl.catalogue import CATALOGUE

COUNT = 20


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", paper_mutants.SAMPLES)
def test_every_mutant_of_a_form_ends_in_a_score_or_a_code(kind):
    endings = {paper_mutants.ending(kind, paper_mutants.mutant(kind, number, 7)) for number in range(COUNT)}
    assert endings <= CATALOGUE.keys() | {"scored", "empty"}
    assert len(endings) > 1


@pytest.mark.parametrize("kind", paper_mutants.SAMPLES)
def test_the_sound_original_is_scored(kind):
    assert paper_mutants.ending(kind, paper_mutants.SAMPLES[kind]) == "scored"
