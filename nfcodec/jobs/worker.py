"""A worker process: carries out tasks from a pipe until the batch ends, or is gone."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import connection, parent_process
from typing import Any

from nfcodec.jobs.job import Run, Task
from nfcodec.jobs.perform import perform

#: Seconds that a task has to put its work in order when the batch is gone.
_GRACE = 10.0


def serve(pipe: Any, run: Run, device: str | None) -> None:
    """Carry out the tasks that come through ``pipe``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the batch, which ends its workers
    threading.Thread(target=_follow, daemon=True).start()
    try:
        pipe.send("ready")
        while True:
            task: Task = pipe.recv()
            pipe.send(perform(task, run, device))
    except (EOFError, OSError):  # the batch is gone; what was finished is committed
        pass
    except KeyboardInterrupt:  # a polite signal: the command has kept its state
        pass


def _follow() -> None:
    """End with the batch, however that ends: nobody would take what this process does."""
    parent = parent_process()
    if parent is None:
        return
    connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)  # a command that learns keeps its state
    threading.Event().wait(_GRACE)
    os._exit(1)
