"""The training loop: it learns, it stops on nonsense, and it goes on as if never interrupted."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from nfcodec.errors import DamagedFileError, NfcodecError
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.fit.loop import Loss, adam, decay, fit
from tests.interrupt import Interrupter, Recorder

STEPS = 30


class Line:
    """Least squares on random points of a line, with optional trouble in mid-step."""

    def __init__(self, interrupt_at: int | None = None) -> None:
        torch.manual_seed(0)
        self.module = nn.Linear(3, 1)
        self.interrupt_at = interrupt_at

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        x = torch.rand((64, 3), generator=generator)
        if step == self.interrupt_at:
            raise KeyboardInterrupt
        target = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.25
        loss = (self.module(x) - target).square().mean()
        return Loss(loss, {"loss": float(loss.detach())})

    def fit(self, **options: Any) -> dict[str, torch.Tensor]:
        weight, bias = self.module.weight, self.module.bias
        optimizer = adam([([weight], 0.1), ([bias], 0.05), ([], 1.0)])
        fit(self.module, self, optimizer, STEPS, label="line", seed=3, **options)
        return self.module.state_dict()


def checkpoint(folder: Path, every: float = 1e9) -> Checkpoint:
    return Checkpoint(folder / "state", {"work": "line"}, every)


def assert_same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> None:
    assert one.keys() == two.keys()
    for name in one:
        assert torch.equal(one[name], two[name]), name


def test_the_loss_falls_and_progress_is_told() -> None:
    progress = Recorder()
    Line().fit(progress=progress)
    assert progress.started == [("line", STEPS, 0)]
    assert [done for done, _ in progress.updates] == [*range(1, STEPS + 1)]
    losses = [figures["loss"] for _, figures in progress.updates]
    assert losses[-1] < 0.2 * losses[0]
    assert progress.finished == 1


def test_the_seed_decides_the_weights() -> None:
    assert_same(Line().fit(), Line().fit())


def test_a_loss_that_is_not_finite_stops_the_work() -> None:
    line = Line()

    def broken(step: int, generator: torch.Generator) -> Loss:
        loss = line(step, generator)
        return Loss(loss.value * float("nan"), {}) if step == 5 else loss

    with pytest.raises(NfcodecError, match="no longer finite at step 5"):
        fit(line.module, broken, adam([([*line.module.parameters()], 0.1)]), 9, label="line")


@pytest.mark.parametrize("where", ["in the objective", "between steps"])
@pytest.mark.parametrize("at", [0, 11, STEPS - 1])
def test_resumed_work_ends_with_the_same_weights(where: str, at: int, tmp_path: Path) -> None:
    wanted = Line().fit()
    kept = checkpoint(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        if where == "in the objective":  # after it has drawn its random choices
            Line(interrupt_at=at).fit(checkpoint=kept)
        else:
            Line().fit(checkpoint=kept, progress=Interrupter(at + 1))
    state = kept.load()
    assert state is not None
    assert state["step"] == at + (where == "between steps")
    progress = Recorder()
    assert_same(Line().fit(checkpoint=kept, state=state, progress=progress), wanted)
    assert progress.started == [("line", STEPS, state["step"])]


def test_ctrl_c_waits_for_the_end_of_a_step(tmp_path: Path) -> None:
    def shift(line: Line, interrupt_at: int | None) -> Any:
        def after(done: int) -> None:
            if done == interrupt_at:
                os.kill(os.getpid(), signal.SIGINT)
            with torch.no_grad():
                line.module.bias += 0.01

        return after

    line = Line()
    wanted = line.fit(after_step=shift(line, None))
    kept, line = checkpoint(tmp_path), Line()
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        line.fit(checkpoint=kept, after_step=shift(line, 7))
    assert signal.getsignal(signal.SIGINT) is handler
    state = kept.load()
    assert state is not None
    assert state["step"] == 7
    line = Line()
    again = line.fit(checkpoint=kept, state=state, after_step=shift(line, None))
    assert_same(again, wanted)


def test_a_second_signal_does_not_cost_the_state(tmp_path: Path) -> None:
    class Slow(Checkpoint):
        def save(self, state: dict[str, Any]) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            super().save(state)

    kept = Slow(tmp_path / "state", {"work": "line"}, 1e9)
    with pytest.raises(KeyboardInterrupt):
        Line(interrupt_at=7).fit(checkpoint=kept)
    state = kept.load()
    assert state is not None
    assert state["step"] == 7


def test_the_state_is_kept_from_time_to_time(tmp_path: Path) -> None:
    kept = checkpoint(tmp_path, every=0.0)
    seen: list[int] = []

    class Looks(Recorder):
        def update(self, done: int, **figures: float) -> None:
            state = kept.load()  # that of the step before
            seen.append(-1 if state is None else state["step"])

    Line().fit(checkpoint=kept, progress=Looks(), stage={"part": 2})
    assert seen == [-1, *range(1, STEPS)]
    state = kept.load()
    assert state is not None
    assert (state["step"], state["part"]) == (STEPS, 2)


@pytest.mark.parametrize("damage", ["module", "optimizer", "generator", "rates", "shape"])
def test_a_state_that_does_not_fit_is_refused(damage: str, tmp_path: Path) -> None:
    kept = checkpoint(tmp_path, every=0.0)
    Line().fit(checkpoint=kept)
    state = kept.load()
    assert state is not None
    if damage == "shape":
        state["module"]["weight"] = torch.zeros(1, 4)
    else:
        del state[damage]
    with pytest.raises(DamagedFileError, match=r"state: does not fit .* delete it"):
        Line().fit(checkpoint=kept, state=state)


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [decay(step, 100) for step in range(100)]
    top = rates.index(max(rates))
    assert rates[0] == pytest.approx(0.05)
    assert max(rates) == 1.0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0.03, abs=2e-3)
    assert 0.0 < decay(0, 1) <= 1.0
