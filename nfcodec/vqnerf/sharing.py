"""Image decoders that ``vq-nerf`` fields leave to a VQ-VAE's own file, so as to share it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.vqnerf import KIND, vqvae_file
from nfcodec.vqnerf.model import ImageDecoder, digest
from nfcodec.vqnerf.stage import DecoderStage, NamedDecoder, stage_of

FieldT = TypeVar("FieldT", bound="Field | CodedField")


def name_of(decoder: ImageDecoder) -> NamedDecoder:
    """What a field keeps of ``decoder`` when it leaves it out."""
    return NamedDecoder(
        digest(decoder), int(decoder.scale), decoder.num_codes, decoder.num_features
    )


def left_out(field: Field, path: str | Path) -> DecoderStage:
    """``field``'s stage with the name of its decoder, which must be that of the VQ-VAE in ``path``.

    UsageError if it is another (one that was trained with the scene), or the field has none; else
    as :func:`nfcodec.vqnerf.vqvae_file.load`.
    """
    if field.image is None:
        raise UsageError(f"a {field.kind} field has no image decoder; leave --vqvae out")
    stage = stage_of(field)
    own = stage.decoder
    name = name_of(own) if isinstance(own, ImageDecoder) else own
    if name.digest != digest(vqvae_file.load(path).decoder):
        raise UsageError(
            f"the field's image decoder is not that of {path}: it was trained with the scene "
            "(`train vq-nerf --no-finetune` leaves it as it is) or with another VQ-VAE"
        )
    return DecoderStage(name, stage.empty)


def check_needed(path: str | Path, *fields: tuple[str | Path, Field | CodedField]) -> None:
    """UsageError if none of ``fields``, each with its file, leaves its decoder to a VQ-VAE.

    ``path``: the VQ-VAE that was given, which would be ignored.
    """
    if any(
        isinstance(stage_of(field).decoder, NamedDecoder)
        for _, field in fields
        if field.kind == KIND.name
    ):
        return
    reasons = "; ".join(
        f"{source} holds a {field.kind} field, which has no image decoder"
        if field.image is None
        else f"{source} holds its image decoder itself"
        for source, field in fields
    )
    raise UsageError(f"{path} is not needed: {reasons}; leave --vqvae out")


def put_in(field: FieldT, path: str | Path | None, source: str | Path) -> FieldT:
    """``field`` with the decoder that it leaves to the VQ-VAE in ``path``; others as they are, so
    that one ``path`` will do for several (:func:`check_needed`).

    ``source`` names the field in messages. UsageError if the decoder is in no file that was given,
    or is another one; else as :func:`nfcodec.vqnerf.vqvae_file.load`.
    """
    stage = stage_of(field)
    if not isinstance(stage.decoder, NamedDecoder):
        return field
    wanted = stage.decoder.digest
    if path is None:
        raise UsageError(
            f"{source}: its image decoder is kept elsewhere; name the VQ-VAE that it is part of "
            f"by --vqvae PATH (the decoder's SHA-256 is {wanted})"
        )
    decoder = vqvae_file.load(path).decoder
    if digest(decoder) != wanted:
        raise UsageError(
            f"{path}: its decoder is not the one that {source} was made with: the SHA-256 is "
            f"{digest(decoder)}, not {wanted}"
        )
    return replace(field, image=DecoderStage(decoder, stage.empty))
