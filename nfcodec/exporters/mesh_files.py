"""Triangle meshes to files, by suffix."""

from __future__ import annotations

from pathlib import Path

from nfcodec.exporters.surface import Surface

#: The mesh formats that can be written: PLY and STL in their binary forms, GLB (glTF 2.0).
MESH_SUFFIXES: tuple[str, ...] = (".ply", ".glb", ".stl")


def write(surface: Surface, path: Path) -> None:
    """Write ``surface`` to ``path`` in the format of its suffix, one of :data:`MESH_SUFFIXES`."""
    import trimesh

    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    mesh.export(path, file_type=path.suffix.lower().removeprefix("."))
