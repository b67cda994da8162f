"""Whether a ``vq-nerf`` field keeps its own rules, beyond those of all fields."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from nfcodec.arrays import need_array, need_finite
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.model.field import Skeleton
from nfcodec.vqnerf.halves import MAX_CODES, SCALES, check_half
from nfcodec.vqnerf.stage import NamedDecoder, stage_of

#: The networks that have a meaning; the last two may be left out.
NETWORKS = ("distance", "density", "latent", "trust", "color")


def check_stage(field: Skeleton[Any], source: str) -> None:
    """Raise unless the image stage is sound; ``source`` begins every message."""
    stage = stage_of(field)
    decoder = stage.decoder
    if isinstance(decoder, NamedDecoder):
        sizes = (decoder.num_codes, decoder.num_features)
        if re.fullmatch("[0-9a-f]{64}", decoder.digest) is None or decoder.scale not in SCALES:
            raise InvalidFieldError(
                f"{source}: the image decoder is named {decoder.digest[:80]!r}, of scale "
                f"{decoder.scale}; 64 hexadecimal digits and one of "
                f"{', '.join(map(str, SCALES))} are needed"
            )
        if not (0 < sizes[0] <= MAX_CODES and 0 < sizes[1] <= limits.FEATURES):
            raise LimitError(f"{source}: an image decoder with {sizes[0]} x {sizes[1]} codes")
    else:
        check_half(decoder, f"{source}: image decoder")
    need_array(stage.empty, np.float32, 1, f"{source}: features of empty space")
    need_finite(stage.empty, f"{source}: features of empty space")
    if len(stage.empty) != decoder.num_features:
        raise InvalidFieldError(
            f"{source}: empty space has {len(stage.empty)} features, the image decoder's "
            f"codebook {decoder.num_features}"
        )


def check_networks(field: Skeleton[Any], source: str) -> None:
    """Raise unless the networks have the names, order and widths that the kind needs."""
    names = [network.name for network in field.networks]
    wanted = NETWORKS if names[-1] == NETWORKS[-1] else NETWORKS[:3]
    others = len(names) - len(wanted)  # they lie before the density
    if [name for name in names if name in wanted] != [*wanted] or (
        names[1 + others :] != [*wanted[1:]]
    ):
        raise InvalidFieldError(
            f"{source}: a vq-nerf field needs networks named {', '.join(NETWORKS[:3])} "
            f"and, both or neither, {' and '.join(NETWORKS[3:])}, in this order and none "
            f"after 'density' but these; it has {', '.join(names)}"
        )
    for name, width in zip(wanted, (1, 1, len(stage_of(field).empty), 1, 3), strict=False):
        if (found := len(field.network(name).layers[-1].weight)) != width:
            raise InvalidFieldError(
                f"{source}: network {name!r} of a vq-nerf field has {found} outputs, not {width}"
            )
    # Those after the density run one without the others.
    first = names.index("density") + 1
    for network in field.networks[first:]:
        if any(block.source in names[first:] for block in network.inputs):
            raise InvalidFieldError(
                f"{source}: network {network.name!r} of a vq-nerf field reads one behind 'density'"
            )
