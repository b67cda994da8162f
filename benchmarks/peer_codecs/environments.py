"""Make the environments that the array codecs run in: one for NNCodec, one for all others.

    python benchmarks/peer_codecs/environments.py [--folder benchmarks/peer_codecs/.venv]

Latest releases at the time of writing, with their licenses:

    blosc2 4.14.1 BSD-3-Clause · zfpy 1.0.1.post0 BSD-3-Clause · pysz (SZ3) 1.1.0 BSD-3-Clause ·
    pcodec 1.1.0 Apache-2.0 · zstandard 0.25.0 BSD-3-Clause · faiss-cpu 1.15.1 MIT ·
    nncodec 2.1.3 Clear BSD, without a license to patents

All but NNCodec come as wheels. NNCodec is built from source, so it needs a C++ compiler; it needs
NumPy 1 and so a Python up to 3.12, and asks for a dozen packages that only its examples of training
use, which are left out (``nnc.py`` stands in for those that it imports). Environments that are
there already stay as they are.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parent / ".venv"

ARRAYS = (
    "numpy>=2",
    "blosc2==4.14.1",
    "zfpy==1.0.1.post0",
    "pysz==1.1.0",
    "pcodec==1.1.0",
    "zstandard==0.25.0",
    "faiss-cpu==1.15.1",
)
TORCH = ("torch>=2", "--index-url", "https://download.pytorch.org/whl/cpu")
NNC_NEEDS = ("numpy<2", "h5py", "tqdm", "pybind11>=2.6.2", "setuptools", "wheel")
NNC = ("--no-deps", "--no-build-isolation", "nncodec==2.1.3")


def python_of(folder: Path, name: str) -> Path:
    """The interpreter of the environment ``name``."""
    windows = sys.platform == "win32"
    return folder / name / ("Scripts/python.exe" if windows else "bin/python")


def make(folder: Path, name: str, *installs: tuple[str, ...]) -> str | None:
    """Make one environment, by one ``pip install`` after the other; why not, if it fails."""
    python = python_of(folder, name)
    done = folder / name / "complete"
    if done.is_file():
        return None
    venv.create(folder / name, with_pip=True, clear=True)
    for arguments in installs:
        command = [str(python), "-m", "pip", "install", "--quiet", *arguments]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        if ran.returncode:
            return ran.stderr.strip()[-2000:]
    done.touch()
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    failed = {
        "arrays": make(folder, "arrays", ARRAYS),
        "nnc": make(folder, "nnc", NNC_NEEDS, TORCH, NNC),
    }
    for name, reason in failed.items():
        print(f"{name}: {'ready' if reason is None else 'cannot be made: ' + reason}")
    if any(failed.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
