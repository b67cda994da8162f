"""Fields whose values are known in closed form, and data sets made from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.field import Field, Occupancy
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.render import render

BOUNDS = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])


def plane(offset: float = 0.0, tilt_deg: float = 0.0) -> Field:
    """The signed distance to a plane: inside is x < ``offset``; the normal tilted towards y."""
    angle = np.radians(tilt_deg)
    weight = np.array([[np.cos(angle), np.sin(angle), 0.0]], np.float32)
    layer = Layer(weight, np.array([-offset], np.float32))
    return Field("sdf", BOUNDS, (), (Network("values", (Input("position"),), (layer,)),))


def linear(*slopes: float, shift: float = 0.0) -> Field:
    """A scalar field with one channel ``slope * x + shift`` for each slope."""
    weight = np.array([[slope, 0.0, 0.0] for slope in slopes], np.float32)
    layer = Layer(weight, np.full(len(slopes), shift, np.float32))
    return Field("scalar", BOUNDS, (), (Network("values", (Input("position"),), (layer,)),))


def fog(density: float, color: float, cells: np.ndarray | None = None) -> Field:
    """A radiance field of one density and one gray in the occupied ``cells`` (all by default)."""
    first = Layer(np.zeros((1, 3), np.float32), np.array([density], np.float32))
    second = Layer(np.zeros((3, 3), np.float32), np.full(3, color, np.float32))
    networks = (
        Network("density", (Input("position"),), (first,)),
        Network("color", (Input("direction"),), (second,)),
    )
    occupancy = None if cells is None else Occupancy(cells)
    return Field("nerf", BOUNDS, (), networks, occupancy, {"background": [0.0, 0.0, 0.0]})


def cameras(count: int, size: int = 16) -> list[Camera]:
    """Views from around the middle of the box, at a distance of 4."""
    angles = np.arange(count) * 2 * np.pi / count
    eyes = [(4 * np.cos(a), 4 * np.sin(a), 1.0) for a in angles]
    return [perspective(size, size, 0.5, look_at(eye, (0, 0, 0))) for eye in eyes]


def write_images(field: Field, folder: Path, views: int = 2, size: int = 16) -> Path:
    """A Blender-layout data set of images of ``field``, the same views for both splits."""
    folder.mkdir()
    frames = []
    for number, camera in enumerate(cameras(views, size)):
        image = render(field, camera, device="cpu")
        name = f"view_{number}"
        Image.fromarray((image * 255 + 0.5).astype(np.uint8)).save(folder / f"{name}.png")
        frames.append({"file_path": name, "transform_matrix": camera.pose.tolist()})
    content = json.dumps({"camera_angle_x": 0.5, "frames": frames})
    for split in ("train", "test"):
        (folder / f"transforms_{split}.json").write_text(content)
    return folder


def write_box(path: Path, half: float) -> Path:
    """A cube's mesh, watertight, around the origin."""
    import trimesh

    trimesh.creation.box(extents=(2 * half,) * 3).export(path)
    return path
