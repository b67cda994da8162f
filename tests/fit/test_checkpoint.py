"""Checkpoints: kept whole, refused when damaged or of other work, never executed."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.fit.checkpoint import Checkpoint, digest

IDENTITY = {"work": "test", "bits": 4, "rate": None}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / "state", IDENTITY)
    assert kept.load() is None
    kept.save({"x": torch.arange(3), "n": 7})
    state = Checkpoint(tmp_path / "state", dict(IDENTITY)).load()
    assert state is not None
    assert state["x"].tolist() == [0, 1, 2]
    assert state["n"] == 7
    assert [p.name for p in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({**IDENTITY, "bits": 6}, "bits differ"),
        ({"work": "test", "bits": 4}, "rate differ"),
        ({**IDENTITY, "bits": 2, "data": "x"}, "bits, data differ"),
    ],
)
def test_other_work_is_refused(other: dict[str, object], named: str, tmp_path: Path) -> None:
    Checkpoint(tmp_path / "state", other).save({})
    with pytest.raises(UsageError, match=named):
        Checkpoint(tmp_path / "state", IDENTITY).load()


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "state"
    kept = Checkpoint(path, IDENTITY)
    kept.save({"x": torch.zeros(100)})
    whole = path.read_bytes()
    for content in (b"", b"not a checkpoint", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(DamagedFileError, match=r"state: .*delete it"):
            kept.load()
    for value in ([1, 2], {"x": 1}, {"identity": 5}):
        torch.save(value, path)
        with pytest.raises(DamagedFileError):
            kept.load()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_pickle_with_code_in_it_is_not_executed(tmp_path: Path) -> None:
    victim = tmp_path / "made"

    class Attack:
        def __reduce__(self) -> object:
            return Path.touch, (victim,)

    path = tmp_path / "state"
    for save in (lambda v: path.write_bytes(pickle.dumps(v)), lambda v: torch.save(v, path)):
        save({"identity": IDENTITY, "x": Attack()})
        with pytest.raises(DamagedFileError):
            Checkpoint(path, IDENTITY).load()
    assert not victim.exists()


def test_it_is_due_when_time_has_passed(tmp_path: Path) -> None:
    assert Checkpoint(tmp_path / "state", {}, every=0.0).due
    assert not Checkpoint(tmp_path / "state", {}, every=100.0).due


def test_a_digest_tells_arrays_apart() -> None:
    a = np.arange(6, dtype=np.float32)
    assert digest([a]) == digest([a.copy()])
    assert digest([a.reshape(2, 3).T]) == digest([np.array(a.reshape(2, 3).T)])
    others = [[a.reshape(2, 3)], [a.astype(np.float64)], [a[:3], a[3:]], [a + 1e-6], [], [a[:0]]]
    assert len({digest(arrays) for arrays in ([a], *others)}) == 7
