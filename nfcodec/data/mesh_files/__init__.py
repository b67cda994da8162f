"""Mesh files to vertices and triangles, as the file says: nothing is repaired, merged or turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError

#: What a mesh file may be, by suffix.
SUFFIXES = (".obj", ".ply", ".stl", ".glb")
#: Bytes of a mesh file above which it is refused.
MAX_FILE_BYTES = 2**31
#: Faces above which a mesh is refused.
MAX_FACES = 2**24

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def read(path: Path) -> tuple[Floats, Ints]:
    """(V, 3) vertices and (T, 3) triangles of a mesh file.

    UsageError if there is no such file, UnsupportedError for another suffix, DamagedFileError for
    a file that cannot be parsed, LimitError above :data:`MAX_FILE_BYTES`.
    """
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder, where a mesh file is needed ({', '.join(SUFFIXES)}); name the "
            "file in it"
        )
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnsupportedError(
            f"{path}: meshes are read from {', '.join(SUFFIXES)}, not {suffix or 'no suffix'}"
        )
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise LimitError(f"{path}: {size} bytes, more than the {MAX_FILE_BYTES} read at most")
    return _parse(path, suffix)


def _parse(path: Path, suffix: str) -> tuple[Floats, Ints]:
    import trimesh

    try:
        # From an open file, not a path: trimesh then has no way to other files or the network.
        with path.open("rb") as file:
            loaded = trimesh.load(file, file_type=suffix[1:], process=False, skip_materials=True)
        placed = []
        if isinstance(loaded, trimesh.Scene):
            for node in loaded.graph.nodes_geometry:
                transform, name = loaded.graph[node]
                placed.append((transform, loaded.geometry[name]))
        else:
            placed.append((np.eye(4), loaded))
        vertices, faces, start = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], 0
        for transform, part in placed:
            if not isinstance(part, trimesh.Trimesh):
                continue  # points and lines have no inside
            corners = np.asarray(part.vertices, np.float64)
            vertices.append(corners @ transform[:3, :3].T + transform[:3, 3])
            own = np.asarray(part.faces, np.int64) + start
            faces.append(own[:, ::-1] if np.linalg.det(transform[:3, :3]) < 0 else own)
            start += len(corners)
        return np.concatenate(vertices), np.concatenate(faces)
    except Exception as error:  # the parsers raise whatever a damaged file leads them to
        raise DamagedFileError(
            f"{path}: cannot be read as {suffix[1:].upper()}: {type(error).__name__}: {error}"
        ) from error
