"""Accessors of glTF 2.0: typed arrays in buffers (section 3.6.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files.gltf_document import Document, Json
from nfcodec.data.mesh_files.source import Ints

_KINDS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
#: Numbers of a value, of the types that something here asks for.
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Accessors:
    """Reads accessors, each once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._read: dict[int, npt.NDArray[Any]] = {}

    def places(
        self, index: object, kind: str, where: str, rows: Ints | None = None
    ) -> npt.NDArray[np.float64]:
        """(N, width) numbers of a type such as VEC3, normalized ones scaled; of ``rows`` alone.

        Floats that are not finite are left for whoever uses them.
        """
        values, accessor, at = self._values(index, where, kind)
        if rows is not None:
            if len(rows) and int(rows.max()) >= len(values):
                self._document.fail(at, f"has {len(values)} values, but {where} needs more")
            values = values[rows]
        if accessor.get("normalized") is True and values.dtype.kind in "iu":
            scale = float(np.iinfo(values.dtype).max)
            return np.maximum(values.astype(np.float64) / scale, -1.0)  # section 3.6.2.2
        return values.astype(np.float64)

    def numbers(
        self, index: object, kind: str, where: str, rows: Ints | None = None
    ) -> npt.NDArray[np.int64]:
        """(N, width) unsigned integers; of ``rows`` alone."""
        values, _, at = self._values(index, where, kind)
        if rows is not None:
            if len(rows) and int(rows.max()) >= len(values):
                self._document.fail(at, f"has {len(values)} values, but {where} needs more")
            values = values[rows]
        if values.dtype.kind != "u":
            self._document.fail(at, f"{where} needs unsigned integers, not {values.dtype.name}")
        return values.astype(np.int64)

    def count(self, index: object, where: str) -> int:
        accessor = self._document.item("accessors", index, where)
        return self._document.whole(accessor, "count", f"accessors[{index}]")

    def _values(self, index: object, where: str, kind: str) -> tuple[npt.NDArray[Any], Json, str]:
        accessor, at = self._document.item("accessors", index, where), f"accessors[{index}]"
        if accessor.get("type") != kind:
            found = str(accessor.get("type"))[:20]
            self._document.fail(at, f"is of type {found}, where {kind} belongs for {where}")
        assert isinstance(index, int)
        if index not in self._read:
            self._read[index] = self._load(accessor, at)
        return self._read[index], accessor, at

    def _load(self, accessor: Json, where: str) -> npt.NDArray[Any]:
        document = self._document
        kind = self._kind(accessor, where)
        width = _WIDTHS[accessor["type"]]
        count = document.whole(accessor, "count", where)
        sparse = accessor.get("sparse")
        if "bufferView" in accessor:
            start = document.whole(accessor, "byteOffset", where, 0)
            values = self._packed(accessor["bufferView"], start, kind, count, width, where)
        else:
            # Zeros take no bytes in the file, but what they are added to or replaced by does.
            if count > document.bytes:
                document.fail(
                    where, f"has {count} values without a bufferView, more than the file has bytes"
                )
            values = np.zeros((count, width), kind)
        if sparse is not None:
            values = values.copy()
            self._replace(values, document.child(accessor, "sparse", where), where)
        return values

    def _replace(self, values: npt.NDArray[Any], sparse: Json, where: str) -> None:
        """Section 3.6.2.3."""
        document = self._document
        count = document.whole(sparse, "count", where)
        indices = document.child(sparse, "indices", where)
        found = document.child(sparse, "values", where)
        at = self._packed(
            indices.get("bufferView"), document.whole(indices, "byteOffset", where, 0),
            self._kind(indices, where), count, 1, f"{where}.sparse.indices",
        )[:, 0]  # fmt: skip
        if at.dtype.kind != "u" or (count and int(at.max()) >= len(values)):
            document.fail(f"{where}.sparse", f"its indices are not all below {len(values)}")
        values[at] = self._packed(
            found.get("bufferView"), document.whole(found, "byteOffset", where, 0),
            values.dtype, count, values.shape[1], f"{where}.sparse.values",
        )  # fmt: skip

    def _kind(self, parent: Json, where: str) -> np.dtype[Any]:
        code = parent.get("componentType")
        if not isinstance(code, int) or code not in _KINDS:
            self._document.fail(where, f"componentType {str(code)[:20]} is none of {[*_KINDS]}")
        return np.dtype(_KINDS[code])

    def _packed(
        self, view: object, start: int, kind: np.dtype[Any], count: int, width: int, where: str
    ) -> npt.NDArray[Any]:
        """(count, width) values of a buffer view from byte ``start`` on, without a copy."""
        data, stride = self._document.view(view, where)
        size = kind.itemsize * width
        stride = stride if stride and count > 1 else size
        if stride < size:
            self._document.fail(where, f"its bufferView's byteStride {stride} is below {size}")
        end = start + stride * (count - 1) + size if count else start
        if end > len(data):
            self._document.fail(
                where, f"{count} values end at byte {end} of a bufferView of {len(data)}"
            )
        if not count:
            return np.zeros((0, width), kind)
        found: npt.NDArray[Any] = np.ndarray(
            (count, width), kind, data, start, (stride, kind.itemsize)
        )
        return found
