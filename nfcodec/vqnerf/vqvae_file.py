"""Opening VQ-VAEs: our own ``.pt``, and pre-trained ones of other tools.

Ours is a tree, with arrays in capitals, as ``torch.save`` writes it::

    format: "nfcodec-vqvae"       version: 1
    encoder, decoder: each
        outline: as nfcodec.vqnerf.model.outline gives it
        ARRAYS: list, in canonical order, float32
    metadata: JSON-able values

It is recognized by its content, like every imported file, and nothing in it is ever run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from nfcodec.check.field import check_metadata
from nfcodec.errors import DamagedFileError, InvalidFieldError, NfcodecError, UnsupportedError
from nfcodec.fieldfile.document import plain
from nfcodec.importers.unknown import named
from nfcodec.untrusted.source import InputFile
from nfcodec.untrusted.tensors import Tensor
from nfcodec.vqnerf.halves import assemble, check_vqvae
from nfcodec.vqnerf.model import ImageDecoder, ImageEncoder, Vqvae, named_arrays, outline

FORMAT = "nfcodec-vqvae"
VERSION = 1


def load(path: str | Path) -> Vqvae:
    """The VQ-VAE in ``path``, checked.

    Errors: UsageError (no such file), DamagedFileError (damaged, unknown, or holding code),
    InvalidFieldError (NaN, shapes that disagree), UnsupportedError (a newer version), LimitError.
    """
    with InputFile(path) as file:
        if file.stated_format != FORMAT:
            raise no_vqvae(
                file,
                "`nfcodec train vqvae` writes one, and with --from PATH makes one of a diffusers "
                "VQModel or a taming-transformers checkpoint",
            )
        return from_tree(file.checkpoint, file.name)


def no_vqvae(file: InputFile, wanted: str) -> NfcodecError:
    """The error for a file that is something else; ``wanted`` says what would do."""
    found = named(file)
    kind = UnsupportedError if found.known else DamagedFileError
    return kind(f"{file.name}: this is {found.what}, and is no VQ-VAE: {wanted}")


def to_tree(vqvae: Vqvae) -> dict[str, Any]:
    """The tree of ``vqvae``; arrays are shared with it, not copied."""
    tree: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    for name, half in (("encoder", vqvae.encoder), ("decoder", vqvae.decoder)):
        arrays = [array for _, array in named_arrays(half)]
        tree[name] = {"outline": outline(half), "arrays": arrays}
    return {**tree, "metadata": plain(vqvae.metadata)}


def from_tree(tree: dict[str, Any], source: str) -> Vqvae:
    """The VQ-VAE that ``tree`` describes, checked; errors as :func:`load`."""
    version = tree.get("version")
    if type(version) is not int:
        raise InvalidFieldError(f"{source}: states no version of the VQ-VAE format")
    if version != VERSION:
        raise UnsupportedError(
            f"{source}: version {version} of the VQ-VAE format; this build reads version {VERSION}"
        )
    halves = {}
    for name, kind in (("encoder", ImageEncoder), ("decoder", ImageDecoder)):
        parts = tree.get(name)
        arrays = parts.get("arrays") if isinstance(parts, dict) else None
        if not isinstance(parts, dict) or not isinstance(arrays, list):
            raise InvalidFieldError(f"{source}: its {name} is missing or no group with arrays")
        built = [item.array() if isinstance(item, Tensor) else item for item in arrays]
        half = assemble(parts.get("outline"), built, f"{source}: {name}")
        if not isinstance(half, kind):
            raise InvalidFieldError(f"{source}: what it calls {name} is none")
        halves[name] = half
    metadata = tree.get("metadata")
    check_metadata(metadata, source)
    vqvae = Vqvae(
        cast(ImageEncoder, halves["encoder"]),
        cast(ImageDecoder, halves["decoder"]),
        plain(metadata),
    )
    check_vqvae(vqvae, source)
    return vqvae
