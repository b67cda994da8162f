"""The real volumes that ``volumes.py`` measures on, as arrays (slowest axis first).

Small readers of exactly these files; they are no general readers of their formats.
"""

from __future__ import annotations

import base64
import gzip
import io
import os
import re
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

_DATA = Path(os.environ.get("NFCODEC_DATA", Path(__file__).parents[2] / "shared" / "data"))
_NIFTI = {2: "u1", 4: "<i2", 16: "<f4", 512: "<u2"}
#: Grids of OpenVDB samples, which need Debian's ``python3-openvdb`` to be read.
GRIDS = {"smoke_vdb": "smoke", "pyro_vdb": "pyro", "sphere_vdb": "sphere"}


def folder() -> Path:
    """Where the data are: ``NFCODEC_DATA``. SystemExit if there is no such folder."""
    if not (_DATA / "volumes").is_dir():
        raise SystemExit(f"{_DATA} has no folder volumes; set NFCODEC_DATA to one that does")
    return _DATA


def _nifti(path: Path) -> Array:
    data = gzip.decompress(path.read_bytes())
    rank, *sides = struct.unpack_from("<8h", data, 40)
    kind = struct.unpack_from("<h", data, 70)[0]
    offset = int(struct.unpack_from("<f", data, 108)[0])
    shape = sides[:rank][::-1]
    return np.frombuffer(data, _NIFTI[kind], int(np.prod(shape)), offset).reshape(shape)


def _legacy_vtk(path: Path) -> Array:
    head, _, values = path.read_bytes().partition(b"LOOKUP_TABLE default\n")
    sides = [int(n) for n in re.search(rb"DIMENSIONS (\d+) (\d+) (\d+)", head).groups()]  # type: ignore[union-attr]
    return np.frombuffer(values, "u1", int(np.prod(sides))).reshape(sides[::-1])


def _vti(path: Path) -> Array:
    text = path.read_bytes()
    extent = [int(n) for n in re.search(rb'WholeExtent="([^"]*)"', text).group(1).split()]  # type: ignore[union-attr]
    body = re.search(rb"<DataArray[^>]*>\s*([^<\s]*)", text).group(1)  # type: ignore[union-attr]
    blocks = struct.unpack("<I", base64.b64decode(body[:8])[:4])[0]
    head = -(-(4 * (3 + blocks)) // 3) * 4
    sizes = struct.unpack(f"<{3 + blocks}I", base64.b64decode(body[:head])[: 4 * (3 + blocks)])[3:]
    data, at, parts = base64.b64decode(body[head:]), 0, []
    for size in sizes:
        parts.append(zlib.decompress(data[at : at + size]))
        at += size
    shape = [extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0)]
    return np.frombuffer(b"".join(parts), "<f4").reshape(shape)


def _tiff(path: Path) -> Array:
    import tifffile

    return tifffile.imread(path)


_READ_GRID = """
import sys, numpy, pyopenvdb
grid = pyopenvdb.read(sys.argv[1], pyopenvdb.readAllGridMetadata(sys.argv[1])[0].name)
low, high = grid.evalActiveVoxelBoundingBox()
values = numpy.empty([b - a + 1 for a, b in zip(low, high)], numpy.float32)
grid.copyToArray(values, ijk=low)
numpy.save(sys.stdout.buffer, values.transpose(2, 1, 0).copy())
"""


def _grid(path: Path) -> Array:
    """The active box of the first grid. The Debian package needs Debian's own Python."""
    read = subprocess.run(
        ["/usr/bin/python3", "-c", _READ_GRID, str(path)], capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    return np.load(io.BytesIO(read.stdout))


def load(only: list[str] | None = None) -> dict[str, Array]:
    """The volumes by name; VDB grids only where ``pyopenvdb`` is installed."""
    volumes = folder() / "volumes"
    readers = {
        "ct_pitch": lambda: _nifti(volumes / "ct_pitch.nii.gz"),
        "mri_pd": lambda: _nifti(volumes / "mri_pd.nii.gz"),
        "perfusion_4d": lambda: _nifti(volumes / "perfusion_4d.nii.gz"),
        "vorticity": lambda: np.fromfile(volumes / "vorticity_41x128x128_f32.raw", "<f4").reshape(
            41, 128, 128
        ),
        "iron_protein": lambda: _legacy_vtk(volumes / "iron_protein.vtk"),
        "hydrogen": lambda: _vti(volumes / "hydrogen.vti"),
        "nuclei": lambda: _tiff(volumes / "nuclei.tif"),
        "sea_surface": lambda: np.load(volumes / "sea_surface_12x170x180_nan.npy"),
    }
    for name, file in GRIDS.items():
        readers[name] = lambda file=file: _grid(folder() / "vdb" / f"{file}.vdb")
    found = {}
    for name, read in readers.items():
        try:
            if only is None or name in only:
                found[name] = read()
        except (OSError, subprocess.CalledProcessError):
            if name not in GRIDS:
                raise
            print(f"{name} is left out: install Debian's python3-openvdb to read it")
    return found
