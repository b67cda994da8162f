"""Fit the two example fields, ``examples/fields/still_life.pt`` and ``ornament.pt``, from scratch.

    python examples/make_fields.py

Makes the scenes by ray tracing (``examples/scenes``) and fits them with ``nfcodec train``. The
results are shipped with the repository, so nobody has to run this; it says where they come from.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(*command: str | Path) -> None:
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=HERE / "out", help="folder for the scenes")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--steps", help="training steps, for a quick try")
    options = parser.parse_args()
    fields = HERE / "fields"
    fields.mkdir(exist_ok=True)
    options.work.mkdir(parents=True, exist_ok=True)
    scene, mesh = options.work / "still_life", options.work / "ornament.ply"
    run(sys.executable, HERE / "scenes" / "still_life.py", scene)
    run(sys.executable, HERE / "scenes" / "ornament.py", mesh, "--overwrite")
    train = [sys.executable, "-m", "nfcodec", "train"]
    common = ["--overwrite", "--seed", "0", "--device", options.device]
    if options.steps:
        common += ["--steps", options.steps]
    run(*train, "nerf", scene, "-o", fields / "still_life.pt", *common)
    run(*train, "sdf", mesh, "-o", fields / "ornament.pt", *common)


if __name__ == "__main__":
    main()
