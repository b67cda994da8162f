"""What PyTorch writes: zip archives, and the streams of before version 1.6."""

from __future__ import annotations

import io
import json
import pickletools
import struct
from functools import cache
from random import Random
from typing import Any

from nfcodec import importers
from nfcodec.vqnerf import pretrained
from tests.fuzz import edits, pickles, scratch, small_fields, zips
from tests.fuzz.target import Target


@cache
def zip_seeds() -> dict[str, bytes]:
    found = {name: small_fields.saved(value) for name, value in small_fields.checkpoints().items()}
    return {**found, "nerf": small_fields.exported(small_fields.nerf(), ".pt")}


@cache
def legacy_seeds() -> dict[str, bytes]:
    trees = small_fields.checkpoints()
    return {name: small_fields.saved(value, legacy=True) for name, value in trees.items()}


@cache
def _members(seeds: Any) -> tuple[tuple[zips.Member, ...], ...]:
    return tuple(tuple(zips.members(data)) for data in seeds().values())


@cache
def _operations(data: bytes) -> tuple[bytes, ...]:
    return tuple(pickles.operations(data))


def zip_mutant(rng: Random, seeds: Any = zip_seeds) -> bytes:
    """An archive with damage in its pickle, its storages, its directory or anywhere."""
    parts = list(rng.choice(_members(seeds)))
    kind = rng.randrange(20)
    if kind <= 11:
        at = next(i for i, part in enumerate(parts) if part.name.endswith(b"data.pkl"))
        steps = _operations(parts[at].data)
        parts[at] = zips.Member(parts[at].name, pickles.edited(steps, rng))
    elif kind <= 14:
        at = rng.randrange(len(parts))
        parts[at] = zips.Member(parts[at].name, edits.mutated(parts[at].data, rng))
    elif kind <= 18:
        return zips.edited(parts, rng)
    else:
        return edits.mutated(zips.assemble(parts), rng)
    return zips.assemble(parts)


@cache
def _streams() -> tuple[tuple[tuple[bytes, ...], bytes], ...]:
    """Of each legacy seed the operations of its five pickles, one after the other, and the rest."""
    found = []
    for data in legacy_seeds().values():
        stream, steps = io.BytesIO(data), []
        for _ in range(5):
            start = stream.tell()
            for _ in pickletools.genops(stream):
                pass
            steps += pickles.operations(data[start : stream.tell()])
        found.append((tuple(steps), data[stream.tell() :]))
    return tuple(found)


def legacy_mutant(rng: Random) -> bytes:
    steps, rest = rng.choice(_streams())
    kind = rng.randrange(10)
    if kind <= 6:
        return pickles.edited(steps, rng) + rest
    head = b"".join(steps)
    if kind <= 8:  # the storages: each a count (u64) and its values
        return head + edits.mutated(rest, rng)
    return edits.mutated(head + rest, rng)


def imported(suffix: str) -> Any:
    """A reader of the bytes of a file with that suffix, alone in a folder."""
    path = scratch.folder(suffix[1:]) / f"input{suffix}"

    def read(data: bytes) -> Any:
        path.write_bytes(data)
        return importers.load(path)

    return read


@cache
def vqvae_seeds() -> dict[str, bytes]:
    from nfcodec.vqnerf import vqvae_writer as vqvae
    from tests.vqnerf.vqvaes import random_vqvae

    path = scratch.folder("seeds") / "vqvae.pt"
    vqvae.save(random_vqvae(codes=2, features=1), path, overwrite=True)
    return {"own": path.read_bytes()}


def read_vqvae(data: bytes) -> Any:
    path = scratch.folder("vqvae") / "input.pt"
    path.write_bytes(data)
    return pretrained.load(path)


_OPTIONS = {
    "use_bias": True, "full_shape": [4, 5, 6], "data_min": -1.0, "data_max": 2.5, "n_outputs": 1,
    "nodes_per_layer": 16, "n_layers": 1, "data": "a.nc", "save_name": "volume", "n_dims": 3,
}  # fmt: skip


def options_mutant(rng: Random) -> bytes:
    """An ``options.json``: values changed, or the text itself damaged."""
    if rng.random() < 0.8:
        return json.dumps(edits.tree(_OPTIONS, rng)).encode("utf-8", "surrogatepass")
    return edits.mutated(json.dumps(_OPTIONS).encode(), rng)


def read_options(data: bytes) -> Any:
    folder = scratch.folder("options")
    (folder / "options.json").write_bytes(data)
    model = folder / "model.ckpt.tar"
    if not model.exists():
        model.write_bytes(zip_seeds()["amgsrn"])
    return importers.load(model)


@cache
def _diffusers() -> tuple[dict[str, Any], bytes]:
    """``config.json`` of a VQModel, and its weights as safetensors."""
    import torch
    from safetensors.torch import save

    from tests.vqnerf.test_pretrained import CONFIG
    from tests.vqnerf.vqgan import Vqgan, as_diffusers

    torch.manual_seed(0)
    return CONFIG, save(as_diffusers(Vqgan((4, 4, 4)).state_dict()))


def diffusers_seeds() -> dict[str, bytes]:
    config, weights = _diffusers()
    return {"vqmodel": _joined(json.dumps(config).encode(), weights)}


def _joined(config: bytes, weights: bytes) -> bytes:
    return struct.pack("<I", len(config)) + config + weights


def diffusers_mutant(rng: Random) -> bytes:
    """A damaged ``config.json`` or a damaged header of the weights, one after the other."""
    config, weights = _diffusers()
    text = json.dumps(config).encode()
    kind = rng.randrange(10)
    if kind <= 4:
        text = json.dumps(edits.tree(config, rng)).encode("utf-8", "surrogatepass")
    elif kind == 5:
        text = edits.mutated(text, rng)
    elif kind == 6:
        weights = edits.mutated(weights, rng)
    else:
        size = int.from_bytes(weights[:8], "little")
        header = json.dumps(edits.tree(json.loads(weights[8 : 8 + size]), rng)).encode()
        weights = struct.pack("<Q", len(header)) + header + weights[8 + size :]
    return _joined(text, weights)


def read_diffusers(data: bytes) -> Any:
    folder = scratch.folder("diffusers")
    size = int.from_bytes(data[:4], "little")
    (folder / "config.json").write_bytes(data[4 : 4 + size])
    (folder / "diffusion_pytorch_model.safetensors").write_bytes(data[4 + size :])
    return pretrained.load(folder)


def targets() -> list[Target]:
    check = small_fields.check
    return [
        Target("torch_zip", zip_seeds(), zip_mutant, imported(".pt"), check),
        Target("torch_legacy", legacy_seeds(), legacy_mutant, imported(".pth"), check),
        Target(
            "options", {"all": json.dumps(_OPTIONS).encode()}, options_mutant, read_options, check
        ),
        Target("vqvae", vqvae_seeds(), lambda rng: zip_mutant(rng, vqvae_seeds), read_vqvae),
        Target("diffusers", diffusers_seeds(), diffusers_mutant, read_diffusers),
    ]
