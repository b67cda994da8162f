"""All targets by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from tests.fuzz.target import Target

#: The module of each target; modules are imported when one of their targets is asked for.
MODULES = {
    "nfc": "nfc", "nfc_again": "nfc",
    "torch_zip": "checkpoints", "torch_legacy": "checkpoints", "options": "checkpoints",
    "vqvae": "checkpoints", "diffusers": "checkpoints",
    "npz": "arrays", "hdf5": "arrays",
    "obj": "meshes", "ply": "meshes", "stl": "meshes", "glb": "meshes", "gltf": "meshes",
    "tools": "tools", "nerfstudio": "tools", "nerfstudio_config": "tools", "ingp": "tools",
    "ppng": "tools", "bmild": "tools", "queries": "tools", "notes": "tools",
    "images": "image_sets", "transforms": "image_sets", "projections": "image_sets",
}  # fmt: skip


#: The target that the harness is tested with.
PLANTED = {"planted": "planted"}


@cache
def target(name: str) -> Target:
    """The target called ``name``; KeyError if there is none."""
    made = {each.name: each for each in _targets({**MODULES, **PLANTED}[name])}
    return made[name]


@cache
def _targets(module: str) -> tuple[Target, ...]:
    return tuple(import_module(f"tests.fuzz.targets.{module}").targets())
