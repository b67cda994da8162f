"""The small image that a file may carry for programs that cannot draw the field itself.

``formats/nfc-v1.md``, section 4, ``prev``. It comes after everything else, so that no image of
the field itself waits for it.
"""

from __future__ import annotations

import struct

from nfcodec.coding.contents import PREVIEW, naming
from nfcodec.container import BytesSource, Reader, Source, assemble
from nfcodec.errors import DamagedFileError, UsageError

#: The longest chunk: the image's length, the image, zeros up to a multiple of 4.
MAX_BYTES = 1 << 20
_LENGTH = struct.Struct("<I")
#: How files of the possible kinds begin: JPEG, PNG, WebP.
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


def payload(image: bytes) -> bytes:
    """The payload of the chunk with ``image``, a JPEG, PNG or WebP file.

    UsageError if it is of another kind or too large.
    """
    most = MAX_BYTES - _LENGTH.size
    if not image.startswith(_BEGINNINGS) or len(image) > most:
        raise UsageError(f"a preview is a JPEG, PNG or WebP image of at most {most:,} bytes")
    return _LENGTH.pack(len(image)) + image


def add(data: bytes, image: bytes) -> bytes:
    """The ``.nfc`` file ``data`` with ``image`` at its end; errors as :func:`payload`.

    UsageError if it has one already.
    """
    reader = Reader(BytesSource(data))
    if any(chunk.type == PREVIEW for chunk in reader.chunks):
        raise UsageError("the file has a preview already")
    chunks = [(chunk.type, data[chunk.offset : chunk.end]) for chunk in reader.chunks]
    return assemble(reader.header, [*chunks, (PREVIEW, payload(image))])


def read(source: Source) -> bytes | None:
    """The image in a ``.nfc`` file, as the bytes of a JPEG, PNG or WebP file; None without one.

    Only the file's front and the image are read. DamagedFileError if it is damaged or cut off.
    """
    with naming(source) as (reader, _):
        for chunk in reader.chunks:
            if chunk.type != PREVIEW:
                continue
            if not _LENGTH.size <= chunk.length <= MAX_BYTES:
                raise DamagedFileError(f"a preview of {chunk.length:,} bytes is not possible")
            data = reader.read(chunk)
            if data is None:
                raise DamagedFileError("the file is cut before the end of its preview")
            (size,) = _LENGTH.unpack_from(data)
            if not 0 <= len(data) - _LENGTH.size - size < 4:
                raise DamagedFileError("the preview's length differs from its chunk's")
            return data[_LENGTH.size : _LENGTH.size + size]
    return None
