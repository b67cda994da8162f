"""Pickles as lists of operations, and edits of these."""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Sequence
from random import Random

from tests.fuzz.edits import EDGES, FLOATS, TEXTS, mutated

#: Globals that a pickle may name: harmless, unknown, and hostile ones.
GLOBALS = (
    "os system", "builtins eval", "builtins exec", "posix system", "nt system",
    "subprocess Popen", "numpy._core.multiarray scalar", "numpy.core.multiarray _reconstruct",
    "numpy dtype", "numpy ndarray", "collections OrderedDict", "collections defaultdict",
    "collections Counter", "builtins set", "__builtin__ set", "builtins frozenset",
    "builtins bytearray", "builtins dict", "builtins list", "builtins slice", "builtins complex",
    "builtins range", "argparse Namespace", "pathlib PosixPath", "datetime datetime",
    "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_parameter", "torch FloatStorage", "torch HalfStorage",
    "torch BFloat16Storage", "torch BoolStorage", "torch LongStorage",
    "torch.storage UntypedStorage", "torch Size", "torch device", "torch float32",
    "torch.serialization _get_layout", "torch._utils _rebuild_sparse_tensor",
    "torch.storage _load_from_bytes", "_codecs encode", "copyreg _reconstructor", "a b",
    "__main__ Model",
)  # fmt: skip
_PLAIN = [
    bytes([code]) for code in b"()]}NtRbus0123elado.q\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94Q"
]


def operations(data: bytes) -> list[bytes]:
    """The bytes of each operation of a pickle."""
    starts = [position for _, _, position in pickletools.genops(data)]
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]


def edited(steps: Sequence[bytes], rng: Random) -> bytes:
    """A pickle after one to three edits of its operations."""
    new = list(steps)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(new)) if new else 0
        kind = rng.randrange(10)
        if not new or kind == 0:
            new.insert(at, rng.choice(_PLAIN))
        elif kind == 1:
            new.insert(at, _value(rng))
        elif kind == 2:
            del new[at : at + rng.choice((1, 1, 2, 5))]
        elif kind == 3:
            new[at:at] = new[at : at + rng.choice((1, 2, 5, 20))] * rng.choice((1, 1, 3))
        elif kind == 4:
            to = rng.randrange(len(new))
            new[at], new[to] = new[to], new[at]
        elif kind == 5:
            new[at] = _value(rng)
        elif kind <= 7:
            new[at] = mutated(new[at], rng)
        elif kind == 8:
            named = [i for i, step in enumerate(new) if step[:1] == b"c"]
            if named:
                new[rng.choice(named)] = _named(rng)
        else:
            numbers = [i for i, step in enumerate(new) if step[:1] in b"KMJ\x8aGh"]
            if numbers:
                new[rng.choice(numbers)] = _number(rng)
    return b"".join(new)


def _named(rng: Random) -> bytes:
    return b"c" + rng.choice(GLOBALS).replace(" ", "\n").encode() + b"\n"


def _number(rng: Random) -> bytes:
    value = rng.choice(EDGES) * rng.choice((1, 1, 1, -1))
    if rng.random() < 0.1:
        return b"G" + struct.pack(">d", rng.choice(FLOATS))
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes(9, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def _value(rng: Random) -> bytes:
    kind = rng.randrange(6)
    if kind == 0:
        return _named(rng)
    if kind == 1:
        raw = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
        return b"X" + struct.pack("<I", rng.choice((len(raw), len(raw), len(raw), 1 << 31))) + raw
    if kind == 2:
        return b"h" + bytes([rng.randrange(256)])
    if kind == 3:
        return b"(" * rng.choice((1, 5, 200))
    if kind == 4:
        return b"\x8b" + struct.pack("<i", rng.choice((-1, 0, 1, 600, 1 << 30))) + b"\xff" * 700
    return _number(rng)
