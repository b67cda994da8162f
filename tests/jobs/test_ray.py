"""Jobs on a Ray cluster of two nodes on this machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nfcodec.errors import NfcodecError, UsageError
from nfcodec.jobs import journal, on_ray
from nfcodec.jobs.batch import Batch
from nfcodec.jobs.on_ray import RayCluster
from tests.jobs import fakes
from tests.jobs.fakes import job
from tests.jobs.test_batch import inputs, states, whole

ray = pytest.importorskip("ray", reason="needs the extra ray")
cluster_utils = pytest.importorskip("ray.cluster_utils")
pytestmark = pytest.mark.slow


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head and a second node, of two cores each; this process is connected to it."""
    root = str(Path(__file__).resolve().parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join([root, *os.environ.get("PYTHONPATH", "").split(":")])
    made = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False}
    )
    made.second = made.add_node(num_cpus=2)
    made.wait_for_nodes()
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def test_a_batch_and_then_what_is_left(cluster: Any, tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 12), tmp_path / "out"
    jobs = [job(path) for path in paths]
    jobs[3] = job(paths[3], fail="is damaged")
    results = list(Batch(jobs, out, RayCluster(), fakes.run))
    assert states(results) == {"done": 11, "failed": 1}
    assert next(r for r in results if r.state == "failed").code == 3
    jobs[3] = job(paths[3])
    assert states([*Batch(jobs, out, RayCluster(), fakes.run)]) == {"kept": 11, "done": 1}
    whole(out, paths)


def test_a_worker_that_is_killed_costs_a_retry(cluster: Any, tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 6), tmp_path / "out"
    jobs = [job(path) for path in paths]
    jobs[1] = job(paths[1], die=str(tmp_path / "died"))
    jobs[4] = job(paths[4], die="always")
    results = {r.output: r for r in Batch(jobs, out, RayCluster(), fakes.run)}
    assert (tmp_path / "died").exists()
    assert states([*results.values()]) == {"done": 5, "failed": 1}
    assert "its worker died 2 times" in str(results["f004.out"].error)


def test_a_node_is_lost_in_the_middle(cluster: Any, tmp_path: Path) -> None:
    paths, out, log = inputs(tmp_path / "in", 40), tmp_path / "out", tmp_path / "log"
    jobs = [job(path, sleep=0.5, log=str(log)) for path in paths]
    lost = threading.Timer(4.0, cluster.remove_node, (cluster.second,), {"allow_graceful": False})
    lost.start()
    results = list(Batch(jobs, out, RayCluster(), fakes.run))
    assert not lost.is_alive()
    assert sum(node["Alive"] for node in ray.nodes()) == 1
    assert states(results) == {"done": 40}
    whole(out, paths)
    assert len(journal.Known(out).results) == 40


def test_closing_the_iterator_ends_the_tasks(cluster: Any, tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 8), tmp_path / "out"
    jobs = [job(path, sleep=0.0 if k == 0 else 600.0) for k, path in enumerate(paths)]
    found = iter(Batch(jobs, out, RayCluster(), fakes.run))
    assert next(found).output == "f000.out"
    start = time.monotonic()
    found.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 60
    jobs = [job(path, sleep=0.0) for path in paths]
    assert states([*Batch(jobs, out, RayCluster(), fakes.run)])["done"] == 7


def test_nodes_that_lack_something(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, out = inputs(tmp_path / "in", 1), tmp_path / "out"
    with pytest.raises(UsageError, match="no node has 3 GPUs"):
        list(Batch([job(paths[0])], out, RayCluster(gpus=3), fakes.run))
    monkeypatch.setattr(on_ray, "__version__", "9.9")  # of this machine alone
    with pytest.raises(UsageError, match=r"has nfcodec .*, this machine 9\.9"):
        list(Batch([job(paths[0])], out, RayCluster(), fakes.run))
    assert not (out / "f000.out").exists()


def test_what_a_node_says(tmp_path: Path) -> None:
    assert on_ray.probe(str(tmp_path), ["/gone.pt", str(tmp_path)])[1:] == (False, ["/gone.pt"])


def test_an_address_that_does_not_answer(tmp_path: Path) -> None:
    paths, out = inputs(tmp_path / "in", 1), tmp_path / "out"
    with pytest.raises(NfcodecError, match=r"no Ray cluster answers at 127\.0\.0\.1:1"):
        list(Batch([job(paths[0])], out, RayCluster("127.0.0.1:1"), fakes.run))
