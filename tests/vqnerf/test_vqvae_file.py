"""VQ-VAEs in our own form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.errors import (
    InvalidFieldError,
    NfcodecError,
    UnsupportedError,
    UsageError,
)
from nfcodec.vqnerf import vqvae_file as importer
from nfcodec.vqnerf import vqvae_writer as exporter
from nfcodec.vqnerf.model import digest
from tests.vqnerf.vqvaes import random_vqvae


def test_written_and_read_bit_for_bit(tmp_path: Path) -> None:
    vqvae = random_vqvae()
    for name in ("a.pt", "b.pt"):
        exporter.save(vqvae, tmp_path / name)
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()
    again = importer.load(tmp_path / "a.pt")
    assert digest(again.decoder) == digest(vqvae.decoder)
    assert digest(again.encoder) == digest(vqvae.encoder)
    assert again.metadata == {"name": "random"}
    tree = torch.load(tmp_path / "a.pt", weights_only=True)  # plain values: any PyTorch reads them
    assert tree["format"] == "nfcodec-vqvae"
    with pytest.raises(UsageError, match="exists"):
        exporter.save(vqvae, tmp_path / "a.pt")


def edited(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    tree = importer.to_tree(random_vqvae())
    change(tree)
    return tree


def poison(tree: dict[str, Any]) -> None:
    arrays = tree["decoder"]["arrays"]
    arrays[3] = np.full_like(arrays[3], np.inf)


WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str, type[NfcodecError]]] = {
    "another format": (lambda t: t.update(format="x"), "is no VQ-VAE", UnsupportedError),
    "newer": (lambda t: t.update(version=2), "version 2", UnsupportedError),
    "version of text": (lambda t: t.update(version="1"), "no version", InvalidFieldError),
    "no encoder": (lambda t: t.pop("encoder"), "encoder is missing", InvalidFieldError),
    "swapped": (
        lambda t: t.update(encoder=t["decoder"]), "what it calls encoder is none",
        InvalidFieldError,
    ),
    "arrays of text": (lambda t: t["decoder"].update(arrays="a"), "no group", InvalidFieldError),
    "no outline": (lambda t: t["decoder"].pop("outline"), "decoder: a group", InvalidFieldError),
    "few arrays": (lambda t: t["decoder"]["arrays"].pop(), "missing", InvalidFieldError),
    "infinite": (poison, "infinite", InvalidFieldError),
    "metadata": (lambda t: t.pop("metadata"), "metadata", InvalidFieldError),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_are_told(name: str, tmp_path: Path) -> None:
    from nfcodec.fieldfile.pt import write_tree

    change, message, error = WRONG[name]
    path = tmp_path / "vq.pt"
    write_tree(edited(change), path)
    with pytest.raises(error, match=message) as raised:
        importer.load(path)
    assert str(path) in str(raised.value)
