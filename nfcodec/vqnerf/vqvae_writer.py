"""Writes a VQ-VAE as the ``.pt`` that :mod:`nfcodec.vqnerf.vqvae_file` describes."""

from __future__ import annotations

from pathlib import Path

from nfcodec.atomic import writing
from nfcodec.check.field import check_metadata
from nfcodec.fieldfile import pt
from nfcodec.vqnerf import vqvae_file as document
from nfcodec.vqnerf.halves import check_vqvae
from nfcodec.vqnerf.model import Vqvae


def save(vqvae: Vqvae, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write ``vqvae`` to ``path``; the path written.

    InvalidFieldError if it is not sound, UsageError if the output cannot be written.
    """
    check_vqvae(vqvae, "the VQ-VAE")
    check_metadata(vqvae.metadata, "the VQ-VAE")
    with writing(path, overwrite) as aside:
        pt.write_tree(document.to_tree(vqvae), aside)
    return Path(path)
