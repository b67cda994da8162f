"""Files that ``torch.save`` writes since PyTorch 1.6, read without PyTorch.

The file is a zip archive of uncompressed members under one folder: ``data.pkl`` describes the
object, ``data/<key>`` hold the storages (raw little-endian values) that its tensors are views of.
Archives that were unpacked and zipped again, compressed or with the folder in another one, are read
as well.
"""

from __future__ import annotations

from typing import Any, Literal

from nfcodec.errors import DamagedFileError
from nfcodec.untrusted import safe_pickle
from nfcodec.untrusted.archives import Archive
from nfcodec.untrusted.tensors import Storages
from nfcodec.untrusted.torch_pickle import TorchPickle

_PICKLE = "data.pkl"
#: The member that only programs of TorchScript (``torch.jit.save``) have.
_CONSTANTS = "constants.pkl"


def read(archive: Archive) -> Any:
    """The object that ``torch.save`` wrote into ``archive``, its tensors as :class:`Tensor`.

    DamagedFileError if the archive or its pickle is not sound; LimitError if it is too large.
    """
    root = _root(archive)
    meaning = TorchPickle(_ZipStorages(archive, root))
    data = archive.read(root + _PICKLE)
    return safe_pickle.read(data, archive.source, meaning.calls, meaning.persistent)


def is_torch(archive: Archive) -> bool:
    """Whether ``archive`` is one that ``torch.save`` wrote."""
    return any(map(_is_pickle, archive.names))


def is_script(archive: Archive) -> bool:
    """Whether ``archive`` is a program of TorchScript, which has a pickle of the same name."""
    return is_torch(archive) and _root(archive) + _CONSTANTS in archive.names


def _is_pickle(name: str) -> bool:
    return name.rpartition("/")[2] == _PICKLE


def _root(archive: Archive) -> str:
    pickles = list(filter(_is_pickle, archive.names))
    if len(pickles) != 1:
        raise DamagedFileError(
            f"{archive.source}: {len(pickles)} pickles where one is expected; if these are several "
            "checkpoints, unpack the archive"
        )
    return pickles[0][: -len(_PICKLE)]


class _ZipStorages(Storages):
    def __init__(self, archive: Archive, root: str) -> None:
        super().__init__(archive.source)
        self.archive = archive
        self.root = root
        self.order = self._byte_order()

    def fetch(self, key: str, count: int, itemsize: int) -> bytearray:
        return self.archive.read(f"{self.root}data/{key}")

    def _byte_order(self) -> Literal["<", ">"]:
        name = self.root + "byteorder"
        if name not in self.archive.names:
            return "<"
        stated = bytes(self.archive.read(name))
        if stated not in (b"little", b"big"):
            raise DamagedFileError(f"{self.source}: unknown byte order {stated[:20]!r}")
        return "<" if stated == b"little" else ">"
