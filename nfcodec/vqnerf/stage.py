"""The image stage of a ``vq-nerf`` field, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nfcodec.arrays import FloatArray
from nfcodec.model.field import Skeleton
from nfcodec.vqnerf.model import ImageDecoder, named_arrays, num_values, with_arrays


@dataclass(frozen=True)
class NamedDecoder:
    """An image decoder that is kept elsewhere, so that many fields share it.

    ``digest``: its :func:`nfcodec.vqnerf.model.digest`. ``scale``, ``num_codes`` and
    ``num_features`` are its own.
    """

    digest: str
    scale: int
    num_codes: int
    num_features: int


@dataclass(frozen=True, eq=False)
class DecoderStage:
    """Turns a field's feature images into images.

    ``empty``: (D,) float32, the features that a ray sees which meets nothing.
    The networks ``distance``, ``density`` and ``latent`` of the field give the signed distance,
    the density and the features. Two more may follow, sampled at the image's own scale:
    ``trust``, 0 to 1, how much a sample is worth, and ``color``.
    """

    decoder: ImageDecoder | NamedDecoder
    empty: FloatArray

    def arrays(self) -> Iterator[tuple[str, FloatArray]]:
        """All arrays that it holds, with names for messages."""
        yield "the features of empty space", self.empty
        if isinstance(self.decoder, ImageDecoder):
            for name, array in named_arrays(self.decoder):
                yield f"{name} of the image decoder", array

    def with_arrays(self, arrays: Iterable[FloatArray]) -> DecoderStage:
        """A copy that holds ``arrays``, in the order of :meth:`arrays`."""
        empty, *others = arrays
        decoder = self.decoder
        if isinstance(decoder, ImageDecoder):
            decoder = with_arrays(decoder, others)
        return DecoderStage(decoder, empty)

    def describe(self) -> dict[str, Any]:
        """What ``nfcodec info`` prints of it."""
        decoder = self.decoder
        return {
            "scale": decoder.scale,
            "codebook": [decoder.num_codes, decoder.num_features],
            "values": num_values(decoder) if isinstance(decoder, ImageDecoder) else None,
            "digest": decoder.digest if isinstance(decoder, NamedDecoder) else None,
        }


def stage_of(field: Skeleton[Any]) -> DecoderStage:
    """The stage of ``field``, a ``vq-nerf``."""
    assert isinstance(field.image, DecoderStage)
    return field.image
