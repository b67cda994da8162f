"""The container of glTF 2.0: JSON and buffers, as ``.glb`` or ``.gltf``, and typed access to both.

Sections are those of the glTF 2.0 specification (Khronos, ISO/IEC 12113:2022).
"""

from __future__ import annotations

import base64
import binascii
import json
import posixpath
import re
from typing import Any, NoReturn
from urllib.parse import unquote

from nfcodec.data.locate import Finder
from nfcodec.data.mesh_files.source import MAX_FILE_BYTES, MeshFile, quoted
from nfcodec.errors import LimitError, NfcodecError

MAGIC = b"glTF"
_JSON, _BIN = 0x4E4F534A, 0x004E4942

#: Extensions that are supported, or change nothing of the shape.
_HARMLESS = re.compile(
    "[A-Z0-9]+_(materials?|textures?|lights?|animation|xmp|audio|structural_metadata|mesh_features|"
    "instance_features|feature_metadata|articulations|physics|implicit_shapes|techniques)(_.*)?|"
    "KHR_mesh_quantization|EXT_mesh_gpu_instancing|KHR_node_visibility|CESIUM_primitive_outline|"
    "EXT_mesh_manifold|FB_ngon_encoding|MSFT_lod|VRM|VRMC_[a-zA-Z]+(_.*)?"
)
#: Packed buffer views.
_PACKED = ("EXT_meshopt_compression", "KHR_meshopt_compression")
_REMEDIES = {
    "KHR_draco_mesh_compression": "export it without Draco compression (Blender opens and writes "
    "both)",
    **dict.fromkeys(_PACKED, "export it without meshopt compression (`gltfpack` without -c)"),
}

Json = dict[str, Any]


class Document:
    """A glTF file: its JSON and its buffers, read on demand."""

    def __init__(self, file: MeshFile) -> None:
        self.file = file
        text, self._binary = _chunks(file)
        self.json = _parsed(file, text)
        self._buffers: dict[int, bytes] = {}
        #: Bytes of the file and of the buffers read so far.
        self.bytes = len(file.data)
        version = str(self.child(self.json, "asset", "the file").get("version", ""))
        if not version.startswith("2."):
            raise file.unsupported(f"glTF version {version[:20] or 'unknown'}; read is 2.0")
        for name in self.array(self.json, "extensionsRequired", "the file"):
            if not isinstance(name, str) or not _HARMLESS.fullmatch(name):
                raise self.not_supported(str(name))

    def fail(self, where: str, what: str) -> NoReturn:
        """DamagedFileError that names the object of the JSON, such as ``accessors[3]``."""
        raise self.file.damaged(f"{where}: {what}")

    def not_supported(self, extension: str, where: str = "extensionsRequired") -> NfcodecError:
        remedy = _REMEDIES.get(extension, "export it without that extension")
        return self.file.unsupported(
            f"{where}: the extension {extension[:60]} is not supported; {remedy}"
        )

    def item(self, kind: str, index: object, where: str) -> Json:
        """An entry of one of the lists at the top, such as ``accessors``."""
        entries = self.array(self.json, kind, "the file")
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(entries):
            self.fail(where, f"{kind}[{str(index)[:20]}] is none of the {len(entries)} there are")
        if not isinstance(entries[index], dict):
            self.fail(f"{kind}[{index}]", "is no object")
        found: Json = entries[index]
        return found

    def child(self, parent: Json, key: str, where: str) -> Json:
        """The object ``parent[key]``, empty if there is none."""
        found = parent.get(key, {})
        if not isinstance(found, dict):
            self.fail(where, f"'{key}' is no object")
        return found

    def array(self, parent: Json, key: str, where: str) -> list[Any]:
        """The list ``parent[key]``, empty if there is none."""
        found = parent.get(key, [])
        if not isinstance(found, list):
            self.fail(where, f"'{key}' is no list")
        return found

    def whole(self, parent: Json, key: str, where: str, default: int | None = None) -> int:
        """The number ``parent[key]``, from 0 on and below 2^53."""
        found = parent.get(key, default)
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 2**53:
            self.fail(where, f"'{key}' is {str(found)[:20]}, where a number from 0 on belongs")
        return found

    def extension(self, parent: Json, name: str, where: str) -> Json | None:
        extensions = self.child(parent, "extensions", where)
        return self.child(extensions, name, where) if name in extensions else None

    def view(self, index: object, where: str) -> tuple[memoryview, int]:
        """The bytes of a buffer view, and its stride (0: values are packed); section 3.6.1."""
        view, at = self.item("bufferViews", index, where), f"bufferViews[{index}]"
        start = self.whole(view, "byteOffset", at, 0)
        length = self.whole(view, "byteLength", at)
        number = self.whole(view, "buffer", at)
        for name in _PACKED:
            # Without compression the values may be there as well, for readers such as this one.
            if self.extension(view, name, at) is not None and not self._is_there(number, at):
                raise self.not_supported(name, at)
        data = self._buffer(number, at)
        if start + length > len(data):
            self.fail(at, f"ends at byte {start + length} of a buffer of {len(data)}")
        return memoryview(data)[start : start + length], self.whole(view, "byteStride", at, 0)

    def _is_there(self, index: int, where: str) -> bool:
        """Whether a buffer has bytes, or names a file of them."""
        buffer = self.item("buffers", index, where)
        return "uri" in buffer or (index == 0 and self._binary is not None)

    def _buffer(self, index: int, where: str) -> bytes:
        if index not in self._buffers:
            buffer, at = self.item("buffers", index, where), f"buffers[{index}]"
            length = self.whole(buffer, "byteLength", at)
            uri = buffer.get("uri")
            if uri is None:
                if index or self._binary is None:
                    self.fail(at, "has neither a uri nor the GLB's binary chunk")
                data = self._binary
            elif not isinstance(uri, str):
                self.fail(at, "'uri' is no text")
            elif uri[:5].lower() == "data:":
                data = self._inline(uri, at)
            else:
                data = self._beside(uri, at)
            if length > len(data):
                self.fail(at, f"should have {length} bytes and has {len(data)}; it is cut short")
            self._buffers[index] = data[:length]
            self.bytes += length
        return self._buffers[index]

    def _inline(self, uri: str, where: str) -> bytes:
        head, comma, body = uri.partition(",")
        if not comma or not head.lower().endswith(";base64"):
            self.fail(where, "'uri' is a data URI without base64 data")
        try:
            return base64.b64decode(unquote(body), validate=True)
        except (binascii.Error, ValueError) as error:
            self.fail(where, f"'uri' is no valid base64: {error}")

    def _beside(self, uri: str, where: str) -> bytes:
        """A file in the mesh's folder or below; never one outside of it, nor from the network.

        Names may have backslashes, and letters in another case than the file's.
        """
        name = posixpath.normpath(unquote(uri).replace("\\", "/"))
        shown = quoted(uri.encode("utf-8", "replace"), 80)
        if (
            re.match("[a-zA-Z][a-zA-Z0-9+.-]*:", name)
            or name.startswith(("/", "../"))
            or name == ".."
            or "\0" in name
        ):
            raise self.file.unsupported(
                f"{where}: the file {shown} is not in the mesh's folder and is not read; put it "
                "there and correct the name, or export the mesh as one .glb file"
            )
        path = Finder(self.file.path.parent).below(name)
        if path is None:
            self.fail(where, f"there is no file {shown} in the mesh's folder; it belongs there")
        if self.bytes + path.stat().st_size > MAX_FILE_BYTES:
            raise LimitError(
                f"{self.file.path}: {where}: more than {MAX_FILE_BYTES} bytes with its buffers"
            )
        return path.read_bytes()


def _chunks(file: MeshFile) -> tuple[bytes, bytes | None]:
    """The JSON and the binary chunk, if there is one; section 4.4."""
    data = file.data
    if not data.startswith(MAGIC):
        return data, None
    if len(data) < 20:
        raise file.damaged(f"the file has {len(data)} bytes; a GLB header alone has 20")
    version, length = (int.from_bytes(data[i : i + 4], "little") for i in (4, 8))
    if version != 2:
        raise file.unsupported(f"byte 4: GLB version {version}; read is version 2")
    if length > len(data):
        raise file.damaged(
            f"byte 8: the header says {length} bytes, the file has {len(data)}; it is cut short"
        )
    if length < len(data):
        file.warn(f"{len(data) - length} bytes after the end (byte {length}) are left out")
    chunks: list[tuple[int, bytes]] = []
    at = 12
    while at + 8 <= length and len(chunks) < 2:
        size, kind = (int.from_bytes(data[at + i : at + i + 4], "little") for i in (0, 4))
        if at + 8 + size > length:
            raise file.damaged(f"byte {at}: a chunk of {size} bytes does not fit the {length}")
        if not chunks or kind == _BIN:
            chunks.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size
    if not chunks or chunks[0][0] != _JSON:
        raise file.damaged("byte 12: the first chunk is not JSON")
    return chunks[0][1], chunks[1][1] if len(chunks) > 1 else None


def _parsed(file: MeshFile, text: bytes) -> Json:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    try:
        # Some programs fill the JSON chunk up with zeros instead of blanks.
        found = json.loads(text.rstrip(b"\0").decode("utf-8-sig"), parse_constant=refuse)
    except RecursionError:
        raise file.damaged("the JSON is nested too deeply") from None
    except ValueError as error:
        raise file.damaged(f"cannot be read as glTF: {str(error)[:200]}") from None
    if not isinstance(found, dict):
        raise file.damaged("the JSON is no object, so it is no glTF")
    return found
