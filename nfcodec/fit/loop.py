"""The one training loop: fields, codes learned from data and codes distilled from a field."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from nfcodec.errors import DamagedFileError, NfcodecError
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.progress import Progress, Silent

#: Signals that end work in good order. Windows has no SIGHUP.
INTERRUPTING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Loss(NamedTuple):
    """A scalar to minimize, and figures worth showing."""

    value: Tensor
    figures: dict[str, float]


class Objective(Protocol):
    """What is minimized. Draws its random choices from ``generator`` alone."""

    def __call__(self, step: int, generator: torch.Generator) -> Loss: ...


def decay(step: int, steps: int, warm_up: int = 20, floor: float = 0.03) -> float:
    """Learning-rate factor: a short linear rise, then a cosine down to ``floor``."""
    if step < warm_up:
        return (step + 1) / warm_up
    at = (step - warm_up) / max(steps - warm_up, 1)
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * min(at, 1.0)))


def adam(groups: list[tuple[list[nn.Parameter], float]]) -> torch.optim.Optimizer:
    """Adam over (parameters, learning rate) groups, with the small epsilon that grids need."""
    groups = [(parameters, rate) for parameters, rate in groups if parameters]
    return torch.optim.Adam(
        [{"params": parameters, "lr": rate} for parameters, rate in groups],
        betas=(0.9, 0.99),
        eps=1e-15,
        fused=True,
    )


def fit(
    module: nn.Module,
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    steps: int,
    *,
    label: str,
    seed: int = 0,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    stage: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
    after_step: Callable[[int], None] | None = None,
    schedule: Callable[[int, int], float] = decay,
) -> None:
    """Minimize ``objective`` for ``steps`` steps.

    Work that is interrupted and goes on from its checkpoint ends with the same weights, bit for
    bit, as work that never was, provided that ``objective`` keeps nothing from step to step.

    Args:
        module: what is trained; its state dict is what a checkpoint keeps.
        checkpoint: where the state goes from time to time and at an interruption.
        stage: plain values kept in the checkpoint, which say what the work was at.
        state: a loaded checkpoint of this stage to go on from.
        after_step: called with the number of finished steps.
        schedule: learning-rate factor of a step, given the step and ``steps``.

    Raises NfcodecError if the loss is no longer finite, DamagedFileError if ``state`` does not fit
    the module.
    """
    progress = progress or Silent()
    generator = torch.Generator().manual_seed(seed)
    rates = [group["lr"] for group in optimizer.param_groups]
    first = 0
    if state is not None:
        try:
            module.load_state_dict(state["module"])
            optimizer.load_state_dict(state["optimizer"])
            rates = [float(rate) for rate, _ in zip(state["rates"], rates, strict=True)]
            generator.set_state(state["generator"])
            first = int(state["step"])
        except (KeyError, ValueError, TypeError, RuntimeError, AttributeError) as error:
            name = "the checkpoint" if checkpoint is None else checkpoint.path
            raise DamagedFileError(
                f"{name}: does not fit this work ({' '.join(str(error).split())}); "
                "delete it to start over"
            ) from error
    drawn = generator.get_state()  # the choices of finished steps: where resumed work continues

    def save(done: int) -> None:
        if checkpoint is not None:
            checkpoint.save(
                {
                    **(stage or {}),
                    "module": module.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "rates": rates,
                    "generator": drawn,
                    "step": done,
                }
            )

    progress.start(label, steps, first)
    done = first
    try:
        for step in range(first, steps):
            factor = schedule(step, steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            loss = objective(step, generator)
            value = float(loss.value.detach())
            if not math.isfinite(value):
                raise NfcodecError(
                    f"{label}: the loss is no longer finite at step {step}; "
                    "check the input for NaN or try another --seed"
                )
            optimizer.zero_grad(set_to_none=True)
            loss.value.backward()  # type: ignore[no-untyped-call]
            with _uninterrupted():
                optimizer.step()
                done = step + 1
                if after_step is not None:
                    after_step(done)
                drawn = generator.get_state()
            progress.update(done, **loss.figures)
            if checkpoint is not None and checkpoint.due:
                save(done)
    except KeyboardInterrupt:
        with _uninterrupted():  # nor is the state lost to a second one
            save(done)
        raise
    progress.finish()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and the like wait to the end of the block: no step is ever half taken."""
    signals = [
        number
        for number in INTERRUPTING
        if signal.getsignal(number) is not None  # None: set by other than Python
    ]
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread alone
        return
    pending: list[tuple[Any, ...]] = []
    before = {
        number: signal.signal(number, lambda *received: pending.append(received))
        for number in signals
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for received in pending[-1:]:
        handler = before[received[0]]
        if callable(handler):
            handler(*received)
        elif handler == signal.SIG_DFL:
            signal.raise_signal(received[0])
