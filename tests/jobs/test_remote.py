"""Inputs by URL, with fsspec's own file system of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from nfcodec.errors import UsageError
from nfcodec.jobs import remote
from nfcodec.jobs.batch import Batch
from nfcodec.jobs.job import Call, Job
from nfcodec.jobs.local import LocalWorkers
from tests.jobs import fakes
from tests.jobs.test_batch import inputs, states, whole

pytest.importorskip("fsspec", reason="needs the extra ray")


def test_a_batch_of_urls(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 2), tmp_path / "out"

    def jobs() -> list[Job]:
        calls = [Call("copy", {"file": path.as_uri()}) for path in paths]
        return [Job(call, f"f00{k}.out", f"job {k}") for k, call in enumerate(calls)]

    batch = Batch(jobs(), out, LocalWorkers(1, memory=1 << 40), fakes.run)
    assert states([*batch]) == {"done": 2}
    whole(out, paths)
    paths[1].write_bytes(b"other, longer content")
    assert states([*batch]) == {"kept": 1, "done": 1}
    whole(out, paths)


def test_folders_are_fetched_whole(tmp_path: Path) -> None:
    inputs(tmp_path / "in", 3)
    url = (tmp_path / "in").as_uri()
    call = remote.fetched(Call("copy", {"file": "/x"}, {"data": url}, ("data",)), tmp_path / "job")
    assert call.arguments == {"file": "/x"}
    assert len(list(Path(str(call.options["data"])).iterdir())) == 3


def test_urls_that_lead_nowhere(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file or folder"):
        remote.digest((tmp_path / "gone").as_uri())
    with pytest.raises(UsageError, match="nosuch"):
        remote.digest("nosuch://bucket/a.pt")
