"""STL, text and binary: facets of three corners each (3D Systems, StereoLithography Interface)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files import stl_text
from nfcodec.data.mesh_files.source import MeshFile, MeshFormat, Triangles

_HEAD, _FACET = 84, 50  # bytes of the header with the count, and of a facet
_ROW = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
#: Counts in files of programs that do not come back to fill in the number.
_UNSET = (0, 2**32 - 1)
#: Coordinates that shapes have, in whichever unit; bytes of something else hardly ever do.
_LEAST, _MOST = 1e-30, 1e15


def read(file: MeshFile) -> Triangles:
    """The facets of an STL file.

    Many binary files begin with "solid" as text does, so a count that fits the size decides
    first. Normals are left out (corners go around to the left seen from outside), and so are the
    two bytes of attributes.
    """
    data = file.data
    held = max(0, len(data) - _HEAD) // _FACET
    count = int.from_bytes(data[_HEAD - 4 : _HEAD], "little") if len(data) >= _HEAD else -1
    fits = held > 0 and count * _FACET + _HEAD == len(data)
    text = None if fits else stl_text.as_text(file)
    if text is not None:
        return stl_text.read(file, text)
    if count < 0:
        raise file.damaged(
            f"the file has {len(data)} bytes and does not begin with 'solid' as text does; binary "
            f"STL has {_HEAD} bytes or more"
        )
    file.check_faces(held if count in _UNSET else min(held, count))
    rows = np.frombuffer(data, _ROW, held, _HEAD) if held else np.zeros(0, _ROW)
    used = count if fits else _facets_there(file, count, rows)
    file.check_faces(used)
    vertices = rows["corners"][:used].astype(np.float64).reshape(-1, 3)
    return vertices, np.arange(len(vertices)).reshape(-1, 3)


def _facets_there(file: MeshFile, count: int, rows: npt.NDArray[Any]) -> int:
    """How many facets to read where the count does not fit the size."""
    held, both = len(rows), f"byte 80: the count says {count} facets, the file has room for "
    if count in _UNSET and held:
        if not _plausible(rows["corners"], _MOST).all():
            raise file.damaged(
                f"{both}{held}, and what is there are no coordinates; this is no STL file, or a "
                "damaged one"
            )
        file.warn(f"{both}{held}; all {held} are read")
        return held
    if count > held:
        if not held or not _plausible(rows["corners"], _MOST).all():
            raise file.damaged(f"{both}{held}; this is no STL file, or a damaged one")
        raise file.damaged(f"{both}{held}; the file is cut short, or its count is wrong")
    size = float(np.abs(rows["corners"][:count]).max(initial=0.0))
    after = rows[count:]
    if np.isfinite(size) and len(after):
        more = _plausible(after["corners"], min(_MOST, 1e3 * size)) & _unit(after["normal"])
        if more.all():
            file.warn(f"{both}{held}; all {held} are read")
            return held
        if more[0]:
            raise file.damaged(
                f"{both}{held}, and facets go on after the count's; the file is damaged"
            )
    left = len(file.data) - _HEAD - count * _FACET
    if left:
        file.warn(f"{left} bytes after the last of {count} facets are left out")
    return count


def _plausible(corners: npt.NDArray[np.float32], most: float) -> npt.NDArray[np.bool_]:
    """(T,) whether (T, 3, 3) corners may be coordinates of a shape rather than something else."""
    with np.errstate(invalid="ignore"):
        size = np.abs(corners.reshape(-1, 9).astype(np.float64))
        places = (size == 0) | ((size > _LEAST) & (size < most))
        return np.asarray(places.all(axis=1) & (size > 0).any(axis=1))


def _unit(normals: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """(T,) whether normals have the length 1, or are left out."""
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(normals.astype(np.float64), axis=1)
        return np.asarray((lengths == 0) | np.isnan(lengths) | (np.abs(lengths - 1) < 0.1))


def _begins(head: bytes, size: int) -> bool:
    count = int.from_bytes(head[_HEAD - 4 : _HEAD], "little")
    return stl_text.begins(head) or (count > 0 and count * _FACET + _HEAD == size)


FORMAT = MeshFormat("STL", (".stl",), _begins, read)
