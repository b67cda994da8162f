"""A process that fuzzes until its input ends, under a limit of memory.

Reads lines of JSON, ``{"target", "seed", "first", "count", "skip"}``, and answers each with a line:
the tally of that batch. With ``"file"`` in place of the rest, that one file is read. The number of
the input that is being read stands in the file named as the only argument, so that a crash or a
hang can be blamed on it.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import struct
import sys
import traceback
import warnings
from dataclasses import asdict
from pathlib import Path

from tests.fuzz import batches, registry
from tests.fuzz.target import Target, examine

_NUMBER = struct.Struct("<q")


def main() -> int:
    warnings.simplefilter("ignore")
    # What libraries print of damaged files is of no use, and would stand between the answers.
    answers = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    path = Path(sys.argv[1])
    path.write_bytes(_NUMBER.pack(-1))
    warm: set[str] = set()
    with path.open("r+b") as file, mmap.mmap(file.fileno(), _NUMBER.size) as note:

        def starts(index: int) -> None:
            _NUMBER.pack_into(note, 0, index)

        for line in sys.stdin:
            wanted = json.loads(line)
            if wanted["target"] not in warm:
                warm.add(wanted["target"])
                _unlimited()
                _warm_up(registry.target(wanted["target"]))
            target = registry.target(wanted["target"])
            limit_memory(target.mebibytes)
            if "file" in wanted:
                tally = batches.judge(target, [(0, Path(wanted["file"]).read_bytes())], 0, starts)
            else:
                tally = batches.run(
                    target, wanted["seed"], wanted["first"], wanted["count"], wanted["skip"], starts
                )
            starts(-1)
            answers.write(json.dumps(asdict(tally)) + "\n")
            answers.flush()
    return 0


def _warm_up(target: Target) -> None:
    """Let everything be imported and compiled that reading sound files needs."""
    for data in target.seeds.values():
        examine(target, data)
    if target.peer:
        target.peer(list(target.seeds.values()))()


def limit_memory(mebibytes: int) -> None:
    """Address space for so much more than is in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (pages * resource.getpagesize() + (mebibytes << 20), hard)
    )


def _unlimited() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:
        Path(sys.argv[1]).with_suffix(".error").write_text(traceback.format_exc())
        raise
