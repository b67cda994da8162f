"""Meshes and fields coded straight, from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.evaluate.reference import evaluate
from nfcodec.exporters import export
from nfcodec.importers import load
from tests.cli.conftest import Run
from tests.data import shapes
from tests.render.shapes import octree_sphere


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    torus = shapes.torus()
    path = tmp_path / "torus.obj"
    lines = [f"v {x} {y} {z}" for x, y, z in torus.vertices]
    lines += [f"f {a} {b} {c}" for a, b, c in torus.faces + 1]
    path.write_text("\n".join(lines))
    return path


def test_a_mesh_becomes_a_file_beside_it(nfcodec: Run, mesh: Path) -> None:
    found = nfcodec("encode", mesh, "--resolution", 64, "--json")
    assert found.code == 0, found
    output = mesh.with_suffix(".nfc")
    assert found.json["bytes"] == output.stat().st_size < 4000
    assert found.json["encoding"]["resolution"] == 64
    assert nfcodec("verify", output).code == 0
    assert "lattice" in nfcodec("info", output).out
    compared = nfcodec("compare", mesh, output, "--json")
    assert compared.json["between"]["giou"] > 0.97
    assert compared.json["ratio"] == mesh.stat().st_size / output.stat().st_size


def test_a_bound_and_a_size_are_kept(nfcodec: Run, mesh: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.nfc", tmp_path / "two.nfc"
    assert nfcodec("encode", mesh, "-o", one, "--max-error", "0.2%").code == 0
    assert coding.open(one).metadata["encoding"]["max_error"] == 0.002
    assert nfcodec("encode", mesh, "-o", two, "--target-size", "1.5kB").code == 0
    assert two.stat().st_size <= 1500


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-m", "vqad"), "train a field first"),
        (("-b", 4), "--bits does not apply to method lattice"),
        (("--max-error", "0.1%", "--target-size", "9kB"), "exclude each other"),
        (("--max-error", "20%"), "below 10%"),
        (("--max-error", "often"), "is not a share"),
        (("--resolution", 100), "choose one of"),
        (("--target-size", "50B"), "the smallest takes"),
    ],
)
def test_what_cannot_be_is_refused(
    nfcodec: Run, mesh: Path, options: tuple[object, ...], words: str
) -> None:
    nfcodec("encode", mesh, *options).expect(2, words)
    assert not mesh.with_suffix(".nfc").exists()


def test_options_of_lattices_are_for_lattices(nfcodec: Run, fields: Path, tmp_path: Path) -> None:
    nfcodec("encode", fields / "sdf.pt", "--max-error", "1%").expect(2, "is for -m lattice")
    nfcodec("encode", fields / "nerf.pt", "-m", "lattice", "-o", tmp_path / "x.nfc").expect(
        2, "needs an sdf"
    )


@pytest.mark.parametrize("options", [(), ("--max-error", "0.1%"), ("--target-size", "9kB")])
def test_a_scalar_field_is_coded_within_a_bound(
    nfcodec: Run, fields: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = tmp_path / "s.nfc"
    given = ("encode", fields / "scalar.pt", "-m", "lattice", "--resolution", 32, "-o", path)
    assert nfcodec(*given, *options).code == 0
    coded = coding.open(path)
    assert nfcodec("verify", path).code == 0
    field = load(fields / "scalar.pt")
    axes = np.meshgrid(*[np.linspace(*side, 33) for side in field.bounds.T], indexing="ij")
    points = np.stack(axes, -1).reshape(-1, field.dims)[::7]
    wanted = evaluate(field, points)
    wrong = np.abs(evaluate(coded, points) - wanted).max()
    share = coded.metadata["encoding"]["max_error"]
    assert wrong <= 1.02 * share * np.ptp(evaluate(field, np.stack(axes, -1).reshape(-1, 3)))
    if options[:1] == ("--target-size",):
        assert 0.9 * 9000 < path.stat().st_size <= 9000


def test_a_field_of_distances_is_coded_again(nfcodec: Run, tmp_path: Path) -> None:
    field = octree_sphere((3, 5))
    export(field, tmp_path / "ball.pt")
    found = nfcodec("encode", tmp_path / "ball.pt", "-m", "lattice", "--json")
    assert found.code == 0, found
    assert found.json["bytes"] < 5000
