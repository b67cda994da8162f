"""Run all benchmarks, one after the other, on one trained field.

python benchmarks/run.py --nerf lego.pt [--nerf-coded lego.nfc]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nerf", required=True, help="a trained radiance field with an octree")
    parser.add_argument("--nerf-coded", help="the same field coded at 4 bits, as by vqad")
    options = parser.parse_args()
    coded = [options.nerf_coded] if options.nerf_coded else []
    runs = [
        ["lookup.py", "--field", options.nerf],
        ["codec.py", "--field", options.nerf, "--coded", *coded],
        ["render.py", "--nerf", options.nerf, *(["--nerf-coded", *coded] if coded else [])],
        ["vqad_memory.py"],
    ]
    failed = [
        run[0]
        for run in runs
        if subprocess.run([sys.executable, str(FOLDER / run[0]), *run[1:]], check=False).returncode
    ]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
