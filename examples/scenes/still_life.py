"""Make the example NeRF scene by ray tracing: posed images in the layout Blender scenes use.

    python examples/scenes/still_life.py still_life/

A still life on a round table: tiles with a noise texture, a mirror ball and a gold ring that
change with the view, a wire cage, thin rods, a spring, and a lot of empty space. It takes about a
minute on one core. The images are RGBA with straight alpha; colors are as a screen shows them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from tracer import (
    Array,
    Box,
    Cylinder,
    Material,
    Rods,
    Scene,
    Shape,
    Sphere,
    Torus,
    fractal,
    mix,
    noise,
    to_srgb,
    unit,
)

from nfcodec.model.camera import look_at, perspective

FIELD_OF_VIEW = 0.6911112070083618  # radians, horizontal; images are square
TARGET = (0.0, 0.0, -0.02)
TABLE = -0.62


def tiles(p: Array) -> Array:
    """Two colors of stone tiles with grooves, and a wooden rim."""
    tile = np.floor(p[:, :2] * 4.0 + 0.5)
    grain = fractal(p * 9, seed=3)
    light = mix((0.75, 0.7, 0.6), (0.95, 0.93, 0.88), grain)
    dark = mix((0.05, 0.16, 0.2), (0.12, 0.34, 0.36), grain)
    color = np.where((tile.sum(1) % 2 == 0)[:, None], light, dark)
    groove = np.abs(p[:, :2] * 4.0 + 0.5 - np.round(p[:, :2] * 4.0 + 0.5)).min(1) < 0.03
    color[groove] *= 0.35
    rim = np.hypot(p[:, 0], p[:, 1]) > 0.98
    color[rim] = wood(p[rim])
    return color


def wood(p: Array) -> Array:
    rings = np.hypot(p[:, 0] + 0.3, p[:, 2] * 3) * 14 + 2.5 * fractal(p * [2, 2, 12], seed=9)
    return mix((0.24, 0.1, 0.04), (0.55, 0.3, 0.13), 0.5 + 0.5 * np.sin(rings * 3))


def marble(p: Array) -> Array:
    veins = np.abs(np.sin(5 * p[:, 0] + 3 * p[:, 2] + 7 * fractal(p * 4, 5, seed=21)))
    return mix((0.12, 0.02, 0.04), (0.78, 0.2, 0.16), veins**0.6)


def spiral(p: Array) -> Array:
    turn = np.arctan2(p[:, 1] - 0.52, p[:, 0] + 0.42) / (2 * np.pi)
    stripe = (turn * 4 + p[:, 2] * 5) % 1 < 0.5
    return np.where(
        stripe[:, None], mix((0.9, 0.86, 0.75), (1, 1, 0.95), noise(p * 25)), (0.08, 0.16, 0.5)
    ).astype(np.float32)


def spots(p: Array) -> Array:
    return mix((0.95, 0.75, 0.1), (0.1, 0.25, 0.08), (noise(p * 16, seed=5) - 0.45) * 8)


def plain(*color: float) -> Material:
    return Material(lambda p: np.broadcast_to(np.float32(color), p.shape), 0.4, 60)


def sky(direction: Array) -> Array:
    """A bright dome over a warm ground, with a soft window to one side."""
    up = direction[:, 2] * 0.5 + 0.5
    light = mix((0.24, 0.19, 0.15), (0.5, 0.62, 0.82), np.maximum(up, 0) ** 0.7)
    window = np.maximum(direction @ unit(np.float32([-0.7, 0.5, 0.5])), 0) ** 12
    return light + window[:, None] * np.float32([1.4, 1.3, 1.1])


def cage(center: tuple[float, float, float], half: float, radius: float) -> Rods:
    """The twelve edges of a cube and the diagonals of its top, as wires."""
    signs = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    corners = np.array(center) + half * np.array(signs)
    pairs = [(i, i | bit) for i in range(8) for bit in (1, 2, 4) if not i & bit]
    first, second = np.array([*pairs, (1, 7), (3, 5)]).T
    return Rods(corners[first], corners[second], radius)


def spring(base: tuple[float, float], low: float, high: float) -> Rods:
    """A coil of thin wire."""
    s = np.linspace(0, 1, 61)
    angle = s * 5 * 2 * np.pi
    coil = [base[0] + 0.13 * np.cos(angle), base[1] + 0.13 * np.sin(angle), low + s * (high - low)]
    line = np.stack(coil, axis=1)
    return Rods(line[:-1], line[1:], 0.016)


def fan(foot: tuple[float, float, float], count: int) -> npt.NDArray[np.float64]:
    """(count, 3) ends of rods that start at ``foot`` and spread out."""
    a = np.linspace(-1.2, 1.2, count)
    return np.array(foot) + np.stack([0.26 * np.sin(a), -0.1 * np.cos(a), 0 * a + 0.96], axis=1)


def build() -> Scene:
    """The scene, about 2 units across, z up, centered on the origin."""
    tilt = unit(np.float32([[1, 0.35, 0], [0, 0, 1], [0.35, -1, 0]]))
    foot = (0.62, -0.32, TABLE)
    tips = fan(foot, 7)
    gold = Material(
        lambda p: np.broadcast_to(np.float32([0.55, 0.32, 0.07]), p.shape),
        1.2,
        80,
        mirror=0.35,
        tint=(1.0, 0.78, 0.38),
    )
    ball = Material(
        lambda p: np.broadcast_to(np.float32([0.1, 0.12, 0.14]), p.shape), 1.5, 180, mirror=0.45
    )
    steel = Material(
        lambda p: np.broadcast_to(np.float32([0.3, 0.32, 0.35]), p.shape), 1.0, 90, mirror=0.2
    )
    objects: list[tuple[Shape, Material]] = [
        (Cylinder((0, 0), 1.08, TABLE - 0.09, TABLE), Material(tiles, 0.25, 50)),
        (Sphere((0.2, 0.12, TABLE + 0.36), 0.36), ball),
        (Box((-0.5, -0.32, TABLE + 0.24), (0.24, 0.24, 0.24), 0.5), Material(marble, 0.5, 90)),
        (cage((-0.5, -0.32, TABLE + 0.72), 0.2, 0.013), steel),
        (Sphere((-0.5, -0.32, TABLE + 0.66), 0.115), Material(spots, 0.6, 50)),
        (Cylinder((-0.42, 0.52), 0.17, TABLE, TABLE + 0.86), Material(spiral, 0.3, 40)),
        (Torus((-0.42, 0.52, TABLE + 1.1), tilt, 0.2, 0.045), gold),
        (Rods(np.broadcast_to(foot, tips.shape), tips, 0.011), plain(0.75, 0.7, 0.62)),
        (Rods(tips, tips, 0.032), plain(0.85, 0.1, 0.05)),
        (spring((0.1, -0.68), TABLE + 0.02, TABLE + 0.44), steel),
        (Sphere((0.1, -0.68, TABLE + 0.55), 0.1), plain(0.1, 0.5, 0.2)),
        (Sphere((0.52, 0.66, TABLE + 0.15), 0.15), Material(wood, 0.15, 20)),
        (Box((0.14, 0.82, TABLE + 0.07), (0.14, 0.05, 0.07), -0.3), plain(0.08, 0.3, 0.7)),
    ]  # fmt: skip
    return Scene(tuple(objects), sun=(0.55, -0.45, 0.9), sky=sky)


def poses(count: int, offset: float) -> list[npt.NDArray[np.float64]]:
    """Cameras spread evenly over the upper part of a sphere around the scene."""
    golden = np.pi * (3 - np.sqrt(5))
    result = []
    for index in range(count):
        height = np.sin(np.radians(4 + 68 * ((index * 0.618034 + offset) % 1)))
        around = golden * index + 2 * np.pi * offset
        flat = np.sqrt(1 - height**2)
        eye = 4.1 * np.array([flat * np.cos(around), flat * np.sin(around), height])
        result.append(look_at(eye + TARGET, TARGET))
    return result


def image(scene: Scene, pose: npt.NDArray[np.float64], size: int, skylights: int) -> Image.Image:
    """One RGBA view, 2 x 2 samples to a pixel."""
    fov = FIELD_OF_VIEW
    origin, direction = perspective(2 * size, 2 * size, fov, pose).rays()
    rng = np.random.default_rng(7)
    around = rng.permutation(4 * skylights)
    light, cover = np.zeros((2 * size, 2 * size, 3), np.float32), np.zeros((2 * size, 2 * size))
    row, column = np.divmod(np.arange(len(origin)), 2 * size)
    for sub in range(4):  # each sub-sample has its own sky directions: together a soft light
        mine = (row % 2) * 2 + column % 2 == sub
        k = around[sub::4] + 0.5
        z = 1 - 2 * k / (4 * skylights)
        turn = k * np.pi * (1 + 5**0.5)
        flat = np.sqrt(1 - z * z)
        lights = np.float32(np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1))
        color, hit = scene.radiance(origin[mine], direction[mine], lights)
        light[row[mine], column[mine]] = to_srgb(color * hit[:, None])
        cover[row[mine], column[mine]] = hit
    alpha = cover.reshape(size, 2, size, 2).mean((1, 3))
    premultiplied = light.reshape(size, 2, size, 2, 3).mean((1, 3))
    color = premultiplied / np.maximum(alpha, 1e-6)[..., None]
    pixels = np.concatenate([np.clip(color, 0, 1), alpha[..., None]], axis=2)
    return Image.fromarray(np.uint8(np.round(pixels * 255)))


def make(out: Path, *, train: int = 60, test: int = 12, size: int = 160, lights: int = 8) -> None:
    """Write ``transforms_train.json``, ``transforms_test.json`` and their images to ``out``."""
    scene = build()
    for split, count, offset in (("train", train, 0.0), ("test", test, 0.37)):
        (out / split).mkdir(parents=True, exist_ok=True)
        frames = []
        for index, pose in enumerate(poses(count, offset)):
            image(scene, pose, size, lights).save(out / split / f"r_{index}.png", optimize=True)
            frames.append({"file_path": f"./{split}/r_{index}", "transform_matrix": pose.tolist()})
        text = json.dumps({"camera_angle_x": FIELD_OF_VIEW, "frames": frames}, indent=1)
        (out / f"transforms_{split}.json").write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Ray trace the example NeRF scene.")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--train", type=int, default=60, help="training views")
    parser.add_argument("--test", type=int, default=12, help="held-out views")
    parser.add_argument("--size", type=int, default=160, help="width and height in pixels")
    options = parser.parse_args()
    make(options.out, train=options.train, test=options.test, size=options.size)
    print(f"wrote {options.train} + {options.test} views to {options.out}")


if __name__ == "__main__":
    main()
