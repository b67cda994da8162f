"""The image stage in field files, as a tree (:mod:`nfcodec.fieldfile.document`)::

EMPTY: (D,) float32
decoder: OUTLINE: uint8, JSON in UTF-8 as nfcodec.vqnerf.model.outline has it
         VALUES: float32, of all its arrays in canonical order
     or digest, scale, num_codes, num_features of one that is kept elsewhere
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np

from nfcodec.arrays import need_array
from nfcodec.errors import InvalidFieldError
from nfcodec.fieldfile.document import Node, Tree
from nfcodec.vqnerf import halves
from nfcodec.vqnerf.model import ImageDecoder, named_arrays, outline
from nfcodec.vqnerf.stage import DecoderStage, NamedDecoder


def to_tree(stage: DecoderStage) -> Tree:
    """The tree of ``stage``."""
    decoder = stage.decoder
    if isinstance(decoder, NamedDecoder):
        return {"empty": stage.empty, "decoder": asdict(decoder)}
    text = json.dumps(outline(decoder), separators=(",", ":"), allow_nan=False)
    values = np.concatenate([array.reshape(-1) for _, array in named_arrays(decoder)])
    return {
        "empty": stage.empty,
        "decoder": {"outline": np.frombuffer(text.encode(), np.uint8), "values": values},
    }


def from_tree(node: Node) -> DecoderStage:
    """The inverse of :func:`to_tree`; InvalidFieldError for a part that is missing or wrong."""
    decoder = node.child("decoder")
    if decoder.has("digest"):
        sizes = (decoder.integer(name) for name in ("scale", "num_codes", "num_features"))
        return DecoderStage(NamedDecoder(decoder.text("digest"), *sizes), node.array("empty"))
    text, values = decoder.array("outline"), decoder.array("values")
    need_array(text, np.uint8, 1, f"{decoder.where}: outline")
    need_array(values, np.float32, 1, f"{decoder.where}: values")
    try:
        tree = json.loads(text.tobytes())
    except (ValueError, RecursionError) as error:
        raise InvalidFieldError(f"{decoder.where}: its outline is no JSON ({error})") from error
    shapes = halves.array_shapes(tree, decoder.where)
    sizes_of = [math.prod(shape) for shape in shapes]
    if sum(sizes_of) != values.size:
        raise InvalidFieldError(
            f"{decoder.where}: {values.size} values where its outline has {sum(sizes_of)}"
        )
    parts = np.split(values, np.cumsum(sizes_of)[:-1])
    arrays = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    half = halves.assemble(tree, arrays, decoder.where)
    if not isinstance(half, ImageDecoder):
        raise InvalidFieldError(f"{decoder.where}: has no codebook")
    return DecoderStage(half, node.array("empty"))
