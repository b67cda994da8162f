"""A fuzzing campaign: mutants of small files, read by everything that reads files.

    python benchmarks/fuzz.py --inputs 20000                   # all targets
    python benchmarks/fuzz.py --target nfc --inputs 400000 --seed 1
    python benchmarks/fuzz.py --publish                        # writes results/fuzz.json

A campaign resumes where it stopped, up to ``--inputs`` in all. The folder of ``--output`` holds its
state, ``<target>-<seed>.json``, and up to three inputs of each cause of a finding, under
``findings/<target>/``. Once the cause is mended, the input goes, under a name that says what it is,
into ``tests/fuzz_findings/<target>/``, where a test replays it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from common import write  # noqa: E402

from tests.fuzz import registry  # noqa: E402
from tests.fuzz.batches import Finding, Tally  # noqa: E402
from tests.fuzz.supervise import Worker  # noqa: E402

BATCH = 1000
SAVED_OF_A_CAUSE = 3


def campaign(worker: Worker, name: str, seed: int, inputs: int, folder: Path) -> Tally:
    """Run ``name`` up to ``inputs`` mutants in all, saving after every batch."""
    state = folder / f"{name}-{seed}.json"
    tally = loaded(state)
    done = sum(tally.answers.values())
    while done < inputs:
        part = worker.run(name, seed, done, min(BATCH, inputs - done))
        for finding in part.findings:
            keep(finding, tally, folder)
        tally.add(part)
        done = sum(tally.answers.values())
        aside = state.with_suffix(".part")
        aside.write_text(json.dumps(asdict(tally)) + "\n")
        os.replace(aside, state)
        print(f"{name}: {done:,} inputs, {tally.seconds:.0f} s, {causes(tally)}", flush=True)
    return tally


def loaded(state: Path) -> Tally:
    if not state.exists():
        return Tally()
    found = json.loads(state.read_text())
    return Tally(**{**found, "findings": [Finding(**each) for each in found["findings"]]})


def keep(finding: Finding, before: Tally, folder: Path) -> None:
    """Save the input, and say what it does, unless there are enough of its cause."""
    if sum(other.cause == finding.cause for other in before.findings) >= SAVED_OF_A_CAUSE:
        return
    made = folder / "findings" / finding.target
    made.mkdir(parents=True, exist_ok=True)
    mutant = registry.target(finding.target).mutant(Random((finding.seed << 40) + finding.index))
    (made / f"{finding.seed}-{finding.index}").write_bytes(mutant)
    print(f"  {finding.target} {finding.index}: {finding.fault} in {finding.place}", flush=True)


def causes(tally: Tally) -> dict[str, int]:
    """How many findings there are of each cause."""
    found: dict[str, int] = {}
    for finding in tally.findings:
        found[finding.cause] = found.get(finding.cause, 0) + 1
    return found


def published(folder: Path) -> dict[str, Any]:
    """The figures of all campaigns in ``folder``, by target."""
    results: dict[str, Any] = {}
    for name in registry.MODULES:
        tally, seeds = Tally(), []
        for state in sorted(folder.glob(f"{name}-*.json")):
            tally.add(loaded(state))
            seeds.append(int(state.stem.rsplit("-", 1)[1]))
        if seeds:
            results[name] = {
                "seeds": seeds,
                "inputs": sum(tally.answers.values()),
                "seconds": round(tally.seconds, 1),
                "slowest": round(tally.slowest, 3),
                "answers": dict(sorted(tally.answers.items())),
                "findings": causes(tally),
            }
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--target", action="append", choices=list(registry.MODULES))
    parser.add_argument("--inputs", type=int, default=10_000, help="of each target, in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--publish", action="store_true", help="write results/fuzz.json")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    if given.publish:
        results = published(given.output)
        total = sum(result["inputs"] for result in results.values())
        write("fuzz", {"batch": BATCH}, {"inputs": total, "targets": results})
        return 0
    with Worker() as worker:
        for name in given.target or registry.MODULES:
            campaign(worker, name, given.seed, given.inputs, given.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
