"""How alike the same image is, whoever draws it.

    python benchmarks/agreement.py lego.nfc armadillo.nfc isotropic.nfc [--size 40]

Each file's first view is drawn by the slow NumPy reference (a radiance field's rays, a distance's
normals and clay, a scalar field's volume), by ``nfcodec render`` on the CPU and through wgpu, and
by the viewer in a browser; images are compared in pairs, at 8 bits. Writes
``results/agreement.json``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from common import write

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nfcodec import coding, render  # noqa: E402
from nfcodec.evaluate import FieldModule  # noqa: E402
from nfcodec.model.coded import CodedField  # noqa: E402
from nfcodec.render import scalar, settings, surface, views, volume  # noqa: E402
from nfcodec.render.images import to_uint8  # noqa: E402
from tests.render import reference  # noqa: E402
from tests.viewer.browser import Browser, missing, psnr  # noqa: E402
from tests.viewer.links import linked  # noqa: E402

BAR = 45.0
WHITE = np.ones(3)


def by_numpy(field: CodedField, size: int) -> dict[str, np.ndarray]:
    """By mode, (H, W, 3) in [0, 1], pixel by pixel."""
    camera = views.default_camera(field, (size, size))
    module = FieldModule(field)
    if field.kind == "nerf":
        background = np.array(field.metadata.get("background", WHITE), float)
        step = volume.step_size(module)
        return {"shaded": reference.draw_radiance(field, camera, step, background)}
    if field.kind == "sdf":
        voxel = surface.voxel_size(module)
        step = settings.shortest_step(field, voxel)
        apart = surface.NORMAL_STEP_VOXELS * voxel
        normals = reference.draw_surface(field, camera, step, apart, WHITE)
        hit = (normals != WHITE).any(axis=2)
        clay = normals.copy()
        clay[hit] = reference.matcap(2.0 * normals[hit] - 1.0, camera.pose[:3, :3])
        return {"normals": normals, "matcap": clay}
    low, high = scalar.value_range(module, field.num_lods - 1)
    table = scalar.color_table("viridis").astype(float)
    step = scalar.sample_step(module)
    return {"shaded": reference.draw_scalar(field, camera, step, table, low, high, WHITE)}


def hinted(field: CodedField, size: int) -> CodedField:
    """``field`` with its first view as a camera hint, which a page draws the same."""
    camera = views.default_camera(field, (size, size))
    eye, forward, up = camera.pose[:3, 3], -camera.pose[:3, 2], camera.pose[:3, 1]
    hint = {
        "eye": eye.tolist(),
        "target": (eye + forward).tolist(),
        "up": up.tolist(),
        "vertical_fov": float(2 * np.arctan(0.5 * camera.height / camera.fy)),
        "width": size,
        "height": size,
    }
    return replace(field, metadata={**field.metadata, "camera": hint})


def compared(
    browser: Browser, path: Path, field: CodedField, mode: str, slow: np.ndarray, size: int
) -> dict[str, Any]:
    """One view in one mode, drawn by all, and how alike the images are."""
    camera = views.default_camera(field, (size, size))
    shown: dict[str, Any] = {"mode": mode}
    if field.kind != "nerf":
        shown["background"] = tuple(WHITE)
    seen = {
        "numpy": to_uint8(slow),
        "torch cpu": to_uint8(render.render(field, camera, device="cpu", **shown)),
        "wgpu": to_uint8(render.render(field, camera, device="wgpu", **shown)),
    }
    link = f"#background=white&mode={mode}"
    data = coding.to_bytes(field)
    with tempfile.TemporaryDirectory() as folder, linked({path.name: data}) as server:
        browser.open(server.address(path.name, link), width=size, height=size)
        browser.sharp(field.num_lods - 1)
        seen["browser"] = browser.image(Path(folder))
    pairs = {
        f"{a} / {b}": round(min(psnr(seen[a], seen[b]), 99.0), 1) for a, b in combinations(seen, 2)
    }
    return {
        "field": field.metadata.get("name"),
        "kind": field.kind,
        "mode": mode,
        "bytes": path.stat().st_size,
        "encoding": field.metadata.get("encoding"),
        "psnr": pairs,
        "spread": round(float(seen["numpy"].std()), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("coded", type=Path, nargs="+", help=".nfc files")
    parser.add_argument("--size", type=int, default=40, help="side of the images in pixels")
    options = parser.parse_args()
    reason = missing()
    if reason is not None:
        sys.exit(f"needs a browser: {reason}")
    rows: list[dict[str, Any]] = []
    browser = Browser()
    try:
        for path in options.coded:
            field = hinted(coding.open(path), options.size)
            for mode, slow in by_numpy(field, options.size).items():
                row = compared(browser, path, field, mode, slow, options.size)
                rows.append(row)
                print(row)
    finally:
        browser.close()
    least = min(value for row in rows for value in row["psnr"].values())
    write(
        "agreement",
        {"size": options.size, "browser": browser.version, "webgpu": "SwiftShader"},
        {
            "fields": rows,
            "bars": {"PSNR of any two": {"bar": BAR, "measured": least, "met": least >= BAR}},
        },
    )


if __name__ == "__main__":
    main()
