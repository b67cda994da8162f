"""What other tools write: checkpoints of each, MessagePack, CBOR, YAML, notes, pickled arrays."""

from __future__ import annotations

import gzip
import io
import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from nfcodec import importers
from tests.fuzz import edits, pickles, scratch, small_fields, zips
from tests.fuzz.target import Target
from tests.fuzz.targets.checkpoints import zip_mutant


def opened(path: Path) -> Any:
    """The field in a file, or the values of the function that it is, at two points."""
    if not importers.needs_refit(path):
        field = importers.load(path)
        small_fields.check(field)
        return field
    function = importers.function(path)
    x = np.array([[0.1, 0.2, 0.3], [9.0, -9.0, 0.0]], np.float32)
    d = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], np.float32)
    with np.errstate(all="ignore"):
        values = function.values(x, d) if function.kind == "nerf" else function.values(x)
    assert len(values) == 2
    return function


def reader(name: str, suffix: str) -> Any:
    """A reader of the bytes of a file with that suffix, in a folder of its own."""
    path = scratch.folder(name) / f"input{suffix}"

    def read(data: bytes) -> Any:
        path.write_bytes(data)
        return opened(path)

    return read


@cache
def tool_seeds() -> dict[str, bytes]:
    """One small checkpoint of each tool that writes one."""
    import torch

    from tests.importers import test_nerf_mlps as mlps
    from tests.importers import test_planes as planes
    from tests.importers import test_sdf_mlps as sdfs

    def tensors(**shapes: tuple[int, int]) -> dict[str, Any]:
        return mlps.tensors(mlps.draw(0, **shapes))

    nerf = mlps.tensors(mlps.yenchenlin(0)[0])
    krrish = tensors(**{
        "layer1": (4, 9), "layers_xyz.0": (4, 4), "fc_feat": (4, 4), "fc_alpha": (1, 4),
        "layers_dir.0": (2, 13), "fc_rgb": (3, 2),
    })  # fmt: skip
    vanilla = tensors(**{
        "mlp_base.layers.0": (4, 9), "field_output_density.net": (1, 4),
        "mlp_head.layers.0": (4, 13), "field_heads.0.net": (3, 4),
    })  # fmt: skip
    grids = {f"features.{i}.fm": torch.ones(1, 2, n, n, n) for i, n in enumerate((2, 3))}
    dvgo = {
        "xyz_min": -torch.ones(3), "xyz_max": torch.ones(3), "act_shift": torch.zeros(1),
        "density.grid": torch.ones(1, 1, 2, 2, 2), "k0.grid": torch.ones(1, 3, 2, 2, 2),
    }  # fmt: skip
    bacon = {f"filters.{i}.linear": (2, 3) for i in range(2)}
    trees: dict[str, Any] = {
        "yenchenlin": {"network_fn_state_dict": nerf},
        "krrish94": {"model_fine_state_dict": krrish},
        "neus": {"sdf_network_fine": sdfs.normed(sdfs.idr(0, 1, 2)[0])},
        "volsdf": {
            f"implicit_network.{k}": v for k, v in mlps.tensors(sdfs.idr(0, 0, 1)[0]).items()
        },
        "igr": {"model_state_dict": mlps.tensors(sdfs.idr(0, 0, 1)[0])},
        "siren": tensors(**{"net.net.0.0": (4, 3), "net.net.1.0": (1, 4)}),
        "nglod": {**grids, **tensors(**{"louts.0.0": (2, 5), "louts.0.2": (1, 2)})},
        "vanilla": {"pipeline": {f"_model.field_fine.{k}": v for k, v in vanilla.items()}},
        "tensorf": planes.tensorf("MLP_Fea")[0], "tensorf_sh": planes.tensorf("SH")[0],
        "dvgo": {"model_kwargs": {"num_voxels_base": 8}, "model_state_dict": dvgo},
        "bacon": tensors(**bacon, **{"linear.0": (2, 2), "output_linear.0": (1, 2),
                                     "output_linear.1": (1, 2)}),
    }  # fmt: skip
    return {name: small_fields.saved(tree) for name, tree in trees.items()}


@cache
def nerfstudio_seeds() -> dict[str, bytes]:
    from tests.importers.test_nerfstudio import nerfacto

    named = {f"_model.{name}": value for name, value in nerfacto()[0].items()}
    return {"nerfacto": small_fields.saved({"step": 1, "pipeline": named})}


def _run_folder(name: str) -> Path:
    """The folder of a run, with a configuration that fits its checkpoint."""
    from tests.importers.test_nerfstudio import CONFIG

    folder = scratch.folder(name)
    (folder / "nerfstudio_models").mkdir(exist_ok=True)
    path = folder / "config.yml"
    if not path.exists():
        path.write_text(CONFIG.format(method="nerfacto", off="true"))
    return folder


def read_run(data: bytes) -> Any:
    path = _run_folder("run") / "nerfstudio_models" / "step.ckpt"
    path.write_bytes(data)
    return opened(path)


def read_config(data: bytes) -> Any:
    folder = _run_folder("configured")
    path = folder / "nerfstudio_models" / "step.ckpt"
    path.write_bytes(nerfstudio_seeds()["nerfacto"])
    (folder / "config.yml").write_bytes(data)
    return opened(path)


@cache
def config_seeds() -> dict[str, bytes]:
    from tests.importers.test_nerfstudio import CONFIG

    return {"nerfacto": CONFIG.format(method="nerfacto", off="true").encode()}


_YAML_WORDS = (
    b"!!python/object/apply:os.system", b"&a", b"*a", b"<<: *a", b"? ", b"- ", b": ", b"[", b"]",
    b"{", b"}", b"\n  ", b"true", b".nan", b".inf", b"0x10", b"1e999", b"2020-01-01", b"!!binary",
    b"|", b">", b"'", b'"', b"%YAML 1.1", b"---", b"...", b"null", b"0.5", b"16",
)  # fmt: skip


def config_mutant(rng: Random) -> bytes:
    return edits.text(config_seeds()["nerfacto"], rng, _YAML_WORDS)


@cache
def _snapshots() -> dict[str, Any]:
    from tests.importers.test_instant_ngp import snapshot

    found = {mode: snapshot(mode)[0] for mode in ("nerf", "sdf")}
    for tree in found.values():
        tree["snapshot"]["density_grid_binary"] = b""
    return found


@cache
def ingp_seeds() -> dict[str, bytes]:
    import msgpack

    return {name: gzip.compress(msgpack.packb(tree)) for name, tree in _snapshots().items()}


def ingp_mutant(rng: Random) -> bytes:
    """A snapshot whose values were changed, or with damage in its bytes."""
    import msgpack

    tree = rng.choice(list(_snapshots().values()))
    if rng.random() < 0.75:
        data = msgpack.packb(edits.tree(tree, rng), unicode_errors="surrogatepass", default=str)
    else:
        data = edits.mutated(msgpack.packb(tree), rng)
    packed = gzip.compress(data, 1) if rng.random() < 0.5 else data
    return edits.mutated(packed, rng) if rng.random() < 0.1 else packed


@cache
def _ppng() -> Any:
    from tests.importers.test_products import ppng

    return {str(kind): ppng(kind)[0] for kind in (1, 2, 3)}


@cache
def ppng_seeds() -> dict[str, bytes]:
    import cbor2

    return {name: cbor2.dumps(tree) for name, tree in _ppng().items()}


def ppng_mutant(rng: Random) -> bytes:
    import cbor2

    name = rng.choice(list(_ppng()))
    if rng.random() < 0.75:
        try:
            return cbor2.dumps(edits.tree(_ppng()[name], rng))
        except Exception:  # a surrogate or a number that CBOR has no form for
            pass
    return edits.mutated(ppng_seeds()[name], rng)


@cache
def bmild_seeds() -> dict[str, bytes]:
    from tests.importers import test_nerf_mlps as mlps

    path = mlps._bmild(scratch.folder("seeds") / "bmild.npy", mlps.yenchenlin(0)[0])
    return {"bmild": path.read_bytes()}


@cache
def _bmild_parts() -> tuple[bytes, tuple[bytes, ...]]:
    data = bmild_seeds()["bmild"]
    stream = io.BytesIO(data)
    np.lib.format.read_magic(stream)
    np.lib.format.read_array_header_1_0(stream)
    return data[: stream.tell()], tuple(pickles.operations(data[stream.tell() :]))


def bmild_mutant(rng: Random) -> bytes:
    head, steps = _bmild_parts()
    if rng.random() < 0.8:
        return head + pickles.edited(steps, rng)
    return edits.mutated(bmild_seeds()["bmild"], rng)


_NOTES = {"bounds": [[-1.5, -1.5, -1.5], [1.5, 1.5, 1.5]], "scale": 2.0, "layer": 1}


def notes_mutant(rng: Random) -> bytes:
    """A file of notes: values changed, or the text itself damaged."""
    if rng.random() < 0.8:
        return json.dumps(edits.tree(_NOTES, rng)).encode("utf-8", "surrogatepass")
    return edits.mutated(json.dumps(_NOTES).encode(), rng)


def read_notes(data: bytes) -> Any:
    folder = scratch.folder("notes")
    model = folder / "model.pth"
    if not model.exists():
        model.write_bytes(tool_seeds()["neus"])
    (folder / "model.pth.import.json").write_bytes(data)
    return opened(model)


@cache
def npz_seeds() -> dict[str, bytes]:
    out = io.BytesIO()
    np.savez(out, **{"0000.dense.A": np.ones((3, 2), np.float32), "0000.dense.b": np.zeros(2, "f"),
                     "0001.relu._": np.zeros(0), "0002.dense.A": np.ones((2, 1)),
                     "0002.dense.b": np.zeros(1)})  # type: ignore[arg-type] # fmt: skip
    return {"queries": out.getvalue()}


def npz_mutant(rng: Random) -> bytes:
    parts = list(zips.members(npz_seeds()["queries"]))
    if rng.random() < 0.6:
        at = rng.randrange(len(parts))
        parts[at] = zips.Member(parts[at].name, edits.mutated(parts[at].data, rng))
        return zips.assemble(parts)
    return zips.edited(parts, rng)


def targets() -> list[Target]:
    return [
        Target("tools", tool_seeds(), lambda rng: zip_mutant(rng, tool_seeds), reader("t", ".pth"),
               mebibytes=512),
        Target("nerfstudio", nerfstudio_seeds(), lambda rng: zip_mutant(rng, nerfstudio_seeds),
               read_run, mebibytes=512),
        Target("nerfstudio_config", config_seeds(), config_mutant, read_config, mebibytes=512),
        Target("ingp", ingp_seeds(), ingp_mutant, reader("i", ".ingp"), mebibytes=512),
        Target("ppng", ppng_seeds(), ppng_mutant, reader("p", ".ppng"), mebibytes=512),
        Target("bmild", bmild_seeds(), bmild_mutant, reader("b", ".npy"), mebibytes=512),
        Target("queries", npz_seeds(), npz_mutant, reader("q", ".npz"), mebibytes=512),
        Target("notes", {"all": json.dumps(_NOTES).encode()}, notes_mutant, read_notes),
    ]  # fmt: skip
