"""A short run of each target."""

from __future__ import annotations

import warnings

import pytest

from tests.fuzz import batches, registry
from tests.fuzz.target import examine
from tests.web import node

#: Not the seed of any campaign.
SEED = 4096
INPUTS = {"nfc": 400, "nfc_again": 150, "hdf5": 100}
#: Readers that have open findings. Their short runs begin when these are mended.
OPEN: tuple[str, ...] = ()


@pytest.mark.parametrize("name", [name for name in registry.MODULES if name not in OPEN])
def test_only_errors_of_ours_come_out(name: str) -> None:
    if name == "nfc":
        node.require()
    target = registry.target(name)
    count = INPUTS.get(name, 150)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for label, data in target.seeds.items():
            verdict = examine(target, data)
            assert (verdict.answer, verdict.fault) == ("accepted", None), label
        tally = batches.run(target, SEED, 0, count)
    assert not tally.findings
    assert sum(tally.answers.values()) == count
    # Damage has to get past the first checks, and to be damage.
    assert 0.05 * count < tally.answers["accepted"] < 0.9 * count, tally.answers
