"""Fit the two example fields, ``examples/fields/still_life.pt`` and ``ornament.pt``, from scratch.

    python examples/make_fields.py

Makes the scenes by ray tracing (``examples/scenes``) and fits them with nfcodec. The results are
shipped with the repository, so nobody has to run this; it says where they come from. The SDF is
fitted one level coarser than ``nfcodec train sdf`` would, to keep the repository small.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from nfcodec import exporters
from nfcodec.cli.console import console
from nfcodec.data import images, meshes
from nfcodec.train.nerf import train_nerf
from nfcodec.train.sdf import SdfSettings, train_sdf

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "scenes"))

import ornament  # noqa: E402
import still_life  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the two example fields from scratch.")
    parser.add_argument("--work", type=Path, default=HERE / "out", help="folder for the scenes")
    parser.add_argument("--fields", type=Path, default=HERE / "fields", help="folder to write")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--steps", type=int, help="training steps, for a quick try")
    options = parser.parse_args()
    options.fields.mkdir(parents=True, exist_ok=True)
    options.work.mkdir(parents=True, exist_ok=True)
    scene, mesh = options.work / "still_life", options.work / "ornament.ply"
    if not (scene / "transforms_test.json").exists():
        still_life.make(scene)
    ornament.make(mesh, overwrite=True)

    common = {"steps": options.steps, "device": options.device, "progress": console.progress()}
    nerf = train_nerf(images.load(scene), **common)
    nerf = replace(nerf, metadata={**nerf.metadata, "name": "still life"})
    exporters.export(nerf, options.fields / "still_life.pt", overwrite=True)
    sdf = train_sdf(meshes.load(mesh), settings=SdfSettings(depths=(3, 4, 5, 6)), **common)
    exporters.export(sdf, options.fields / "ornament.pt", overwrite=True)
    for path in sorted(options.fields.glob("*.pt")):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
