"""The image stage of a ``vq-nerf`` <-> header entry and ``PICT`` chunk (``nfc-vqnerf-v1.md``)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nfcodec.arrays import FloatArray, HalfArray
from nfcodec.container import Builder, Cursor, Section, cbor, limits
from nfcodec.container.tree import Node
from nfcodec.container.work import Work
from nfcodec.entropy import float16
from nfcodec.errors import DamagedFileError, InvalidFieldError, UsageError
from nfcodec.vqnerf import halves
from nfcodec.vqnerf.model import ImageDecoder, named_arrays, num_values, outline
from nfcodec.vqnerf.stage import DecoderStage, NamedDecoder

FORM_IDS = {0: ("decoder", (4,)), 1: ("name", (4,))}
_SCALES = 1 << 5


@dataclass(frozen=True)
class ImageHeader:
    """What the header says of the stage: the decoder's scale and the shape of its codebook, and
    how many values it holds or, if it is kept elsewhere, its digest (``values`` is then 0)."""

    scale: int
    codes: int
    features: int
    values: int
    digest: str

    @property
    def num_values(self) -> int:
        """How many numbers the chunk holds."""
        return self.values + self.features

    def describe(self) -> dict[str, Any]:
        """As :meth:`nfcodec.vqnerf.stage.DecoderStage.describe`."""
        return {
            "scale": self.scale,
            "codebook": [self.codes, self.features],
            "values": self.values or None,
            "digest": self.digest or None,
        }


def header_tree(stage: DecoderStage) -> list[int | bytes]:
    """The header's entry."""
    decoder = stage.decoder
    sizes = [int(decoder.scale), int(decoder.num_codes), int(decoder.num_features)]
    if isinstance(decoder, NamedDecoder):
        return [1, *sizes, bytes.fromhex(decoder.digest)]
    return [0, *sizes, num_values(decoder)]


def read_header(node: Node) -> ImageHeader:
    """The inverse of :func:`header_tree`; errors as for all of the header."""
    form, values = node.variant(FORM_IDS)
    scale = values[0].within(1, _SCALES)
    codes = values[1].within(1, halves.MAX_CODES)
    features = values[2].within(1, halves.MAX_CHANNELS)
    if form == "name":
        return ImageHeader(scale, codes, features, 0, values[3].raw(32).hex())
    count = values[3].uint(halves.MAX_VALUES, codes * features)
    return ImageHeader(scale, codes, features, count, "")


def encode(stage: DecoderStage, work: Work | None = None) -> Section:
    """The payload of the chunk; UsageError if float16 cannot represent one of its values.

    ``work``: of the file, as for :func:`nfcodec.entropy.float16.encode`.
    """
    payload = Builder()
    decoder = stage.decoder
    if isinstance(decoder, ImageDecoder):
        text = cbor.dumps(outline(decoder))
        payload.fields("I", len(text))
        payload.raw(text)
        (_, codebook), *others = named_arrays(decoder)
        payload.append(float16.encode(_half(codebook, "codebook"), work=work))
        flat = [_half(array, name).reshape(-1) for name, array in others]
        values = np.concatenate([np.zeros(0, np.float16), *flat])
        payload.append(float16.encode(values, [array.size for array in flat], work))
    payload.append(float16.encode(_half(stage.empty, "features of empty space"), work=work))
    return payload.section()


def decode(cursor: Cursor, header: ImageHeader, work: Work | None = None) -> DecoderStage:
    """The inverse of :func:`encode`."""
    decoder: ImageDecoder | NamedDecoder
    if header.digest:
        decoder = NamedDecoder(header.digest, header.scale, header.codes, header.features)
    else:
        decoder = _decode(cursor, header, work)
    with cursor.part("image empty"):
        empty = float16.decode(cursor, header.features, work=work).astype(np.float32)
    return DecoderStage(decoder, empty)


def _decode(cursor: Cursor, header: ImageHeader, work: Work | None) -> ImageDecoder:
    with cursor.part("image layers"):
        (size,) = cursor.fields("I")
        if size > limits.OUTLINE_BYTES:
            raise DamagedFileError(
                f"an outline of {size:,} bytes; {limits.OUTLINE_BYTES:,} are the most"
            )
        tree = cbor.loads(cursor.octets(size).tobytes(), "outline")
        try:
            shapes = halves.array_shapes(tree, "outline")
        except InvalidFieldError as error:
            raise DamagedFileError(str(error)) from error
    sizes = [math.prod(shape) for shape in shapes]
    found = (tree["scale"], tree.get("codebook"), sum(sizes))
    if found != (header.scale, [header.codes, header.features], header.values):
        raise DamagedFileError(
            f"the outline has scale {found[0]}, a codebook of {found[1]}, {found[2]} values; the "
            f"header says {header.scale}, {[header.codes, header.features]}, {header.values}"
        )
    with cursor.part("image codebook"):
        codebook = float16.decode(cursor, *shapes[0], work=work).astype(np.float32)
    with cursor.part("image decoder"):
        values = float16.decode(cursor, sum(sizes[1:]), work=work).astype(np.float32)
    arrays: list[FloatArray] = [codebook]
    parts = np.split(values, np.cumsum(sizes[1:])[:-1]) if sizes[1:] else []
    arrays += [part.reshape(shape) for part, shape in zip(parts, shapes[1:], strict=True)]
    decoder = halves.assemble(tree, arrays, "image decoder")
    assert isinstance(decoder, ImageDecoder)
    return decoder


def _half(array: FloatArray, name: str) -> HalfArray:
    with np.errstate(over="ignore"):
        half: HalfArray = array.astype(np.float16)
    if not np.array_equal(half.astype(np.float32), array):
        raise UsageError(
            f"{name} of the image decoder holds values that float16 cannot represent; round it "
            "when encoding"
        )
    return half
