"""The work of one point of a sweep: code the field, write the file, measure it, keep a record."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from nfcodec import coding, files
from nfcodec._version import __version__
from nfcodec.atomic import writing
from nfcodec.encoder.request import EncodeRequest
from nfcodec.errors import NfcodecError
from nfcodec.methods import options_of
from nfcodec.model.field import Field
from nfcodec.progress import Progress
from nfcodec.rd import inputs
from nfcodec.rd.plan import Setting

if TYPE_CHECKING:
    from nfcodec.metrics.fields import FieldMetrics

Record = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What all points of a sweep share; small, and can be sent to another process."""

    field: str
    folder: str
    data: str | None
    steps: int | None
    lods: bool
    points: int
    seed: int
    device: str

    def path(self, setting: Setting, suffix: str) -> Path:
        """The file ``<setting><suffix>`` of this sweep."""
        return Path(self.folder) / (setting.name + suffix)


class Bench:
    """Works on the points of one order; what they share is loaded once."""

    def __init__(self, order: Order) -> None:
        self.order = order

    @cached_property
    def field(self) -> Field:
        return files.require_plain(self.order.field)

    @cached_property
    def yardstick(self) -> FieldMetrics:
        from nfcodec.metrics.fields import FieldMetrics

        data = self.order.data
        return FieldMetrics(
            self.field,
            data=None if data is None else files.open_data(data, self.field.kind),
            points=self.order.points,
            seed=self.order.seed,
            device=self.order.device,
        )

    @cached_property
    def _inputs(self) -> Record:
        """What the field, the data and the device are, not where or what they are called."""
        from nfcodec.evaluate.device import pick

        data = self.order.data
        return {
            "field": inputs.digest(self.order.field),
            "data": None if data is None else inputs.digest(data),
            "device": pick(self.order.device).type,
        }

    def fingerprint(self, setting: Setting) -> Record:
        """Everything a point's result depends on; a record with another one is out of date."""
        cls = options_of(setting.method)
        return {
            **setting.to_json(),
            "steps": self.order.steps if "steps" in cls.options() else None,
            **self._inputs,
            "points": self.order.points,
            "seed": self.order.seed,
            "version": __version__,
        }

    def wanted(self) -> list[int]:
        """The LODs that are measured, in order."""
        last = self.field.num_lods - 1
        return list(range(last + 1)) if self.order.lods else [last]

    def finished(self, setting: Setting) -> Record | None:
        """The record of a setting if nothing of it is missing."""
        record = self._read(setting)
        if record is None:
            return None
        measured = {point["lod"] for point in record["points"]}
        return record if measured.issuperset(self.wanted()) else None

    def run(self, setting: Setting, progress: Progress | None = None) -> Record:
        """Do what is missing of ``setting``; its record, with points by rising LOD."""
        record = self._read(setting)
        if record is None:
            self.order.path(setting, ".nfc").unlink(missing_ok=True)
            self.order.path(setting, ".resume").unlink(missing_ok=True)
            record = {"fingerprint": self.fingerprint(setting), "seconds": None, "points": []}
            self._write(setting, record)
        path = self.order.path(setting, ".nfc")
        if record["seconds"] is None or not path.is_file():
            record["seconds"] = self._encode(setting, path, progress)
            record["points"] = []
            self._write(setting, record)
        measured = {point["lod"] for point in record["points"]}
        missing = [lod for lod in self.wanted() if lod not in measured]
        if missing:
            self.yardstick.progress = progress
            try:
                coded = coding.open(path)
            except NfcodecError:  # damaged since it was written: code the field again
                self.order.path(setting, ".json").unlink()
                return self.run(setting, progress)
            module = self.yardstick.module_of(coded)
            last = coded.num_lods - 1
            for lod in missing:
                metrics = {
                    "value_psnr": self.yardstick.value_psnr(module, lod),
                    **self.yardstick.on_data(module, lod),
                }
                size = inputs.prefix_bytes(os.fspath(path), None if lod == last else lod)
                point = {**setting.to_json(), "lod": lod, "bytes": size, "metrics": metrics}
                record["points"] = sorted([*record["points"], point], key=lambda p: p["lod"])
                self._write(setting, record)
        return record

    def _encode(self, setting: Setting, path: Path, progress: Progress | None) -> float:
        """Code the field and write it to ``path``; the seconds the coding took."""
        from nfcodec.encoder.encode_file import encode_file

        cls, order = options_of(setting.method), self.order
        state = order.path(setting, ".resume") if cls.learns else None
        data = None
        if cls.learns and order.data is not None:
            data = files.open_data(order.data, self.field.kind, "train")
        request = EncodeRequest.of(
            setting.method, **setting.rates(),  # type: ignore[arg-type]
            steps=order.steps if "steps" in cls.options() else None,
            data=data, seed=order.seed, device=order.device, resume=state,
        )  # fmt: skip
        start = time.perf_counter()
        found = encode_file(self.field, request, progress)
        seconds = time.perf_counter() - start
        with writing(path, overwrite=True) as aside:
            aside.write_bytes(found.data)
        if state is not None:
            state.unlink(missing_ok=True)
        return round(seconds, 3)

    def _read(self, setting: Setting) -> Record | None:
        """The record of a setting; None if it is missing or belongs to other work."""
        try:
            record = json.loads(self.order.path(setting, ".json").read_text("utf-8"))
            stale = record["fingerprint"] != self.fingerprint(setting)
            whole = isinstance(record["points"], list) and "seconds" in record
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return None if stale or not whole else record

    def _write(self, setting: Setting, record: Record) -> None:
        with writing(self.order.path(setting, ".json"), overwrite=True) as aside:
            aside.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def run_all(
    bench: Bench,
    settings: list[Setting],
    jobs: int,
    report: Callable[[Setting, Record], None],
) -> None:
    """Work on ``settings`` in ``jobs`` processes; ``report`` hears of each as it is finished.

    Learning, which takes longest, begins first. Processes are started afresh (not forked), so a
    script that calls this needs ``if __name__ == "__main__"``, as with all multiprocessing.
    """
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    queue = sorted(settings, key=lambda s: not options_of(s.method).learns)
    threads = max(1, (os.cpu_count() or 1) // jobs)
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), _start_worker, (bench.order, threads)
    )
    try:
        futures = {pool.submit(_work, setting): setting for setting in queue}
        for future in as_completed(futures):
            report(futures[future], future.result())
    except BrokenProcessPool as error:
        raise NfcodecError(
            "a worker process ended unexpectedly, for want of memory most likely; run the same "
            "command with --jobs 1 to go on"
        ) from error
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    pool.shutdown()


_bench: Bench | None = None
_busy = False


def _start_worker(order: Order, threads: int) -> None:
    import numba
    import torch

    global _bench
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = str(threads)
    torch.set_num_threads(threads)
    numba.set_num_threads(min(threads, numba.get_num_threads()))
    _bench = Bench(order)


def _stop(number: int, frame: FrameType | None) -> None:
    """Ends this worker, as Ctrl-C does: what is being written aside is removed on the way out."""
    if _busy:
        raise KeyboardInterrupt
    os._exit(130)  # while it waits for a point there is nothing to remove, and nothing to say


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, killed and so unable to say so.

    It would wait for ever for the next point, and write where the next run works.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(130)


def _work(setting: Setting) -> Record:
    global _busy
    assert _bench is not None
    try:
        _busy = True
        return _bench.run(setting)
    except KeyboardInterrupt:
        os._exit(130)
    finally:
        _busy = False
