"""The header of a PLY file: which elements follow, and of what they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nfcodec.data.mesh_files.source import MeshFile, quoted
from nfcodec.errors import LimitError

#: NumPy's codes of the types, by their names of 1994 and the later ones.
TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8",
    "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "int64": "i8", "uint64": "u8", "float32": "f4", "float64": "f8",
}  # fmt: skip
FORMATS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}

#: Properties that hold the corners of polygons and strips.
CORNERS = ("vertex_indices", "vertex_index")
#: Properties that make the shape.
SHAPE = frozenset(("x", "y", "z", *CORNERS))

_MOST = 4096  # elements, and properties in all: real files have some dozens


@dataclass(frozen=True)
class Property:
    """``kind``: NumPy's code without byte order. ``count``: that of the length, for lists."""

    name: str
    kind: str
    count: str | None = None

    @property
    def least_bytes(self) -> int:
        """Bytes that the property takes, or that its length takes if it is a list."""
        return int((self.count or self.kind)[1])


@dataclass(frozen=True)
class Element:
    """``rows`` of the same properties. ``line``: where the header declares it."""

    name: str
    rows: int
    line: int
    properties: list[Property] = field(default_factory=list)

    @property
    def has_lists(self) -> bool:
        return any(p.count for p in self.properties)

    @property
    def least_bytes(self) -> int:
        """Bytes of a row whose lists are empty."""
        return sum(p.least_bytes for p in self.properties)

    def names(self) -> str:
        """The names of the properties, for messages."""
        return ", ".join(p.name for p in self.properties) or "none"


@dataclass(frozen=True)
class Header:
    """``order``: "<" or ">", empty for text. ``body``: the byte, ``line``: the line after it."""

    order: str
    elements: list[Element]
    body: int
    line: int
    comments: list[bytes]


def parse(file: MeshFile) -> Header:
    """The header; DamagedFileError if it breaks the format, UnsupportedError for new versions."""
    order: str | None = None
    elements: list[Element] = []
    comments: list[bytes] = []
    properties = 0
    for number, raw, end in _lines(file):
        words = raw.decode("latin1").split()
        if max(properties, len(elements)) > _MOST:
            raise LimitError(f"{file.path}: line {number}: over {_MOST} elements or properties")
        if not words or words[0] in ("comment", "obj_info"):
            comments.append(raw)
        elif words[0] == "format":
            order = _format(file, number, words, raw)
        elif words[0] == "element":
            elements.append(_element(file, number, words, raw, elements))
        elif words[0] == "property":
            if not elements:
                raise file.damaged(f"line {number}: a property before the first element")
            elements[-1].properties.append(_property(file, number, words, raw, elements[-1]))
            properties += 1
        elif words == ["end_header"]:
            if order is None:
                raise file.damaged("the header has no format line, so it cannot be read on")
            return Header(order, elements, end, number + 1, comments)
        else:
            raise file.damaged(f"line {number}: {quoted(raw)} is no statement of a PLY header")
    raise file.damaged("the header has no end_header; the file is cut short, or no PLY file")


def _lines(file: MeshFile) -> Iterator[tuple[int, bytes, int]]:
    """Number, text and end (in bytes) of each line after the first, up to ``end_header``.

    Some editors put a byte order mark first. Lines end as the first one does: comments hold any
    bytes, and the data may begin with that of another line end.
    """
    data = file.data
    first = re.match(rb"(?:\xef\xbb\xbf)?ply[ \t]*(\r\n|\n|\r)", data)
    if first is None:
        raise file.damaged("byte 0: a PLY file begins with the line 'ply'")
    mark = b"\r" if first[1] == b"\r" else b"\n"
    start, number, line = first.end(), 2, b""
    while start < len(data) and line.split() != [b"end_header"]:
        end = data.find(mark, start)
        stop = len(data) if end < 0 else end + 1
        line = data[start:stop]
        if end < 0 and line.split() != [b"end_header"]:
            return  # cut within a line
        yield number, line.strip(b"\r\n"), stop
        start, number = stop, number + 1


def _format(file: MeshFile, line: int, words: list[str], raw: bytes) -> str:
    if len(words) != 3 or words[1] not in FORMATS:
        raise file.damaged(
            f"line {line}: {quoted(raw)} is no format of PLY; there are {', '.join(FORMATS)}"
        )
    if words[2] != "1.0":
        raise file.unsupported(f"line {line}: version {words[2][:20]} of PLY; read is 1.0")
    return FORMATS[words[1]]


def _element(
    file: MeshFile, line: int, words: list[str], raw: bytes, others: list[Element]
) -> Element:
    if len(words) != 3 or not re.fullmatch("[0-9]{1,18}", words[2]):
        raise file.damaged(
            f"line {line}: {quoted(raw)} should be 'element NAME COUNT' with a count from 0 on"
        )
    if any(other.name == words[1] for other in others):
        raise file.damaged(f"line {line}: a second element named {words[1][:40]}")
    return Element(words[1], int(words[2]), line)


def _property(
    file: MeshFile, line: int, words: list[str], raw: bytes, element: Element
) -> Property:
    kinds = [TYPES.get(word) for word in words[1:-1] if word != "list"]
    is_list = words[1:2] == ["list"]
    if len(words) != (5 if is_list else 3) or None in kinds:
        raise file.damaged(
            f"line {line}: {quoted(raw)} should be 'property TYPE NAME' or 'property list TYPE "
            f"TYPE NAME'; types are {', '.join(TYPES)}"
        )
    name = words[-1]
    if any(other.name == name for other in element.properties):
        if name in SHAPE:
            raise file.damaged(f"line {line}: a second property named {name}")
        name = f"{name} (line {line})"  # such as colors, which some programs write twice
    if is_list and str(kinds[0]).startswith("f"):
        raise file.damaged(f"line {line}: {quoted(raw)}: the length of a list is a whole number")
    return Property(name, str(kinds[-1]), str(kinds[0]) if is_list else None)
