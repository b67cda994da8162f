"""Coded field to file: in how many layers it arrives, and the small image at its end."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from nfcodec.atomic import check_output, writing
from nfcodec.check.field import check_field
from nfcodec.coding.file import _require_coded
from nfcodec.encoder.layers import lods_not_worth_layering
from nfcodec.encoder.rate_model import FileRates, Written
from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField

log = logging.getLogger("nfcodec")


@dataclass(frozen=True)
class Assembly:
    """How files are put together from codes.

    ``layers``: that indices arrive in; None for as few as are worth drawing. ``preview``: whether
    there is one. ``seed``, ``device``: for what is drawn to choose layers. ``rates`` remembers the
    levels that it has coded.
    """

    layers: int | None = None
    preview: bool = True
    seed: int = 0
    device: str = "auto"
    rates: FileRates = field(default_factory=FileRates)

    def plain(self, coded: CodedField) -> Written:
        """``coded`` in layers wherever they take hardly more bytes, without a preview."""
        return self.rates.write(coded, self.layers)

    def layered(self, coded: CodedField) -> Written:
        """``coded`` in as many layers as asked for, or else as are worth drawing."""
        written = self.plain(coded)
        if self.layers is not None:
            return written
        single = lods_not_worth_layering(coded, written, self.seed, self.device)
        return self.rates.write(coded, single) if single else written

    def image(self, coded: CodedField, file_bytes: int) -> bytes | None:
        """The preview to store in a file of so many bytes without it; None, and a warning, if it
        cannot be drawn.

        Whatever the reason: it must not cost what may be an hour's learning.
        """
        if not self.preview:
            return None
        try:
            from nfcodec.render import preview

            return preview.draw(coded, file_bytes)
        except Exception as error:
            log.warning("no preview is stored: %s", str(error) or type(error).__name__)
            return None

    def file(self, coded: CodedField, shown: CodedField | None = None) -> Written:
        """The file of ``coded``. Its preview shows ``shown``, by default the same."""
        written = self.layered(coded)
        return with_image(written, self.image(shown or coded, written.size))


def with_image(written: Written, image: bytes | None) -> Written:
    """The same file with a preview, if there is one."""
    return written if image is None else written.with_preview(image)


def save(
    coded: CodedField,
    path: str | os.PathLike[str],
    overwrite: bool = False,
    *,
    layers: int | None = None,
    preview: bool = True,
    device: str = "auto",
) -> int:
    """Write ``coded`` to ``path`` as the ``encode`` command does; the number of bytes written.

    ``layers``: that the indices of each level arrive in, 1 to 8; by default as few as are worth
    drawing. ``preview``: put a small image at the end. The file is written aside and renamed.

    UsageError: ``coded`` is no coded field, holds what no file can, or ``path`` cannot be written
    or does not end in ``.nfc``. InvalidFieldError: ``coded`` breaks its own rules.
    """
    _require_coded(coded)
    if Path(path).suffix.lower() != ".nfc":
        raise UsageError(
            f"cannot write {os.fspath(path)}: a coded field is saved as .nfc; nfcodec.export(coded,"
            " path) writes it in other forms, such as .pt and .ply"
        )
    check_output(path, overwrite)
    check_field(coded, "coded field")
    encoding = coded.metadata.get("encoding", {})
    seed = encoding.get("seed", 0) if isinstance(encoding, dict) else 0
    data = Assembly(layers, preview, seed, device).file(coded).to_bytes()
    with writing(Path(path), overwrite=overwrite) as aside:
        aside.write_bytes(data)
    return len(data)
