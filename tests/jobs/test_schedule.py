"""What runs beside what, without any process."""

from __future__ import annotations

from pathlib import Path

import pytest

from nfcodec.jobs import foresight
from nfcodec.jobs.foresight import BASE, Foresight
from nfcodec.jobs.job import Call, Job, Result, Task
from nfcodec.jobs.schedule import Schedule

GIB = 1 << 30


def task(name: str, memory: int, stated: bool = True, method: str = "kmeans") -> Task:
    call = Call("encode", {"field": f"/nowhere/{name}"}, {"method": method})
    return Task(Job(call, name, name, memory if stated else None), name, Path("/out"), memory)


def names(*tasks: Task | None) -> list[str | None]:
    return [None if one is None else one.digest for one in tasks]


def done(one: Task, peak: int = 0) -> Result:
    return Result(one.digest, "done", "encode", "x", peak_memory=peak)


def test_the_largest_first_and_nothing_overtakes_it() -> None:
    tasks = [task("small", GIB), task("large", 6 * GIB), task("middle", 5 * GIB)]
    schedule = Schedule(tasks, 8 * GIB, Foresight())
    large = schedule.next()
    # The small one would fit, but would keep the middle one waiting.
    assert names(large, schedule.next()) == ["large", None]
    assert large is not None
    schedule.ended(large, done(large))
    assert names(schedule.next(), schedule.next(), schedule.next()) == ["middle", "small", None]
    assert schedule.taken == 6 * GIB
    assert len(schedule) == 0


def test_one_larger_than_the_machine_runs_alone() -> None:
    schedule = Schedule([task("huge", 20 * GIB), task("a", GIB)], 8 * GIB, Foresight())
    huge = schedule.next()
    assert names(huge, schedule.next()) == ["huge", None]
    assert huge is not None
    schedule.ended(huge, done(huge))
    assert names(schedule.next()) == ["a"]


def test_a_killed_one_gets_twice_the_memory() -> None:
    schedule = Schedule([task("a", 3 * GIB), task("b", 3 * GIB)], 8 * GIB, Foresight())
    first, second = schedule.next(), schedule.next()
    assert first is not None
    assert second is not None
    schedule.again(first, larger=True)
    assert schedule.next() is None  # 3 and 6 of 8
    schedule.ended(second, done(second))
    again = schedule.next()
    assert again is not None
    assert again.memory == 6 * GIB


def test_estimates_learn_from_what_jobs_took() -> None:
    tasks = [task(f"f{k}", BASE, stated=False) for k in range(8)]
    schedule = Schedule(tasks, 100 * GIB, Foresight())
    for _ in range(4):
        one = schedule.next()
        assert one is not None
        assert one.memory == BASE
        schedule.ended(one, done(one, peak=2 * BASE))
    one = schedule.next()
    assert one is not None
    assert one.memory == pytest.approx(2 * BASE * 1.15, abs=1)
    other = Foresight()
    assert other.corrected(task("o", BASE, stated=False, method="lra").job, BASE) == BASE


def test_estimates_grow_with_input_and_resolution(tmp_path: Path) -> None:
    path = tmp_path / "field.pt"
    path.write_bytes(bytes(10_000_000))
    small = Foresight().of(Job(Call("encode", {"field": str(path)}), "", ""))
    assert small > BASE + 10_000_000
    fine = Call("decode", {"field": str(path)}, {"resolution": "512"})
    assert Foresight().of(Job(fine, "", "")) > small + 512**3 * 4
    assert Foresight().of(Job(fine, "", "", memory=77)) == 77


def test_the_machine_says_what_is_free() -> None:
    assert foresight.available(5) == 5
    assert foresight.available() > 1 << 20
