"""Reads what a pickle says without doing what it says.

A pickle is a program for a small stack machine that may import anything and call it. This is that
machine with nothing to call: a global is only a name, and calling one works for the few names in
``calls`` that a caller gives a meaning to. Everything else becomes a :class:`Placeholder`, which
says what would have been built and does nothing. Python's own unpickler is never used (its memory
use can be driven by the input as well).
"""

from __future__ import annotations

import io
import pickletools
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from nfcodec.errors import DamagedFileError, LimitError

#: Bytes and operations of one pickle; the tensors of a checkpoint lie outside of it.
MAX_PICKLE_BYTES = 1 << 26
MAX_OPERATIONS = 5_000_000
#: Bits of an integer: Python prints none of thousands of digits, and messages hold what files say.
MAX_INTEGER_BITS = 4096
#: Bits of an integer that is the key of a dict: hashes of longer ones can be made to collide.
_MAX_KEY_BITS = 64


@dataclass(frozen=True)
class Global:
    """The name of something in some Python module; nothing is imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False, slots=True)
class Placeholder:
    """What a pickle would have built by calling ``name`` with ``arguments``; it is never built.

    ``state`` is what would have become its attributes, ``items`` what would have been put into it
    as into a dict. Members of sets and lists of other types are not kept.
    """

    name: Global
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: dict[Any, Any] | None = None


Call = Callable[[tuple[Any, ...]], Any]

_MARK = object()
_KEY_TYPES = (str, float, bool, bytes, type(None), Global)
#: Of what only an object can stand in for: no attributes are set on them.
_PLAIN_TYPES = (str, int, float, bool, bytes, list, tuple, type(None))

_PUSH_ARGUMENT = {
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
    "INT", "LONG", "FLOAT", "STRING", "UNICODE",
}  # fmt: skip
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_FIXED_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUT = {"BINPUT", "LONG_BINPUT", "PUT"}
_GET = {"BINGET", "LONG_BINGET", "GET"}
_EXTENSIONS = {"EXT1", "EXT2", "EXT4"}

_SET = Global("builtins", "set")
_FROZEN_SET = Global("builtins", "frozenset")
#: Modules and functions that no checkpoint has an honest use for: the user is warned.
_COMMANDS = {"os", "posix", "nt", "subprocess", "pty", "runpy", "socket", "shutil", "ctypes"}
_BUILTIN_COMMANDS = {"exec", "eval", "compile", "open", "__import__"}


def read(
    data: bytes | bytearray,
    source: str,
    calls: Mapping[Global, Call],
    persistent: Call | None = None,
) -> Any:
    """The value that the pickle ``data`` describes.

    ``calls`` gives the globals that may be called and what calling them yields. ``persistent``
    resolves persistent ids (a tuple). Errors: DamagedFileError for a pickle that is cut or
    malformed; LimitError above the limits of this module. Warns of a pickle that would run a
    command where it is loaded as code.
    """
    if len(data) > MAX_PICKLE_BYTES:
        raise LimitError(f"{source}: a pickle of {len(data)} bytes; {MAX_PICKLE_BYTES} are allowed")
    return read_next(io.BytesIO(data), source, calls, persistent)


def read_next(
    stream: BinaryIO, source: str, calls: Mapping[Global, Call], persistent: Call | None = None
) -> Any:
    """As :func:`read`, of the pickle that comes next in ``stream``, which is left at its end.

    ``stream`` must be in memory: a damaged pickle asks for any number of bytes at once.
    """
    try:
        return _Machine(source, calls, persistent).run(stream)
    except DamagedFileError:
        raise
    # What malformed opcodes make pickletools and the stack below raise.
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise DamagedFileError(f"{source}: the pickle inside is malformed ({error})") from error


class _Machine:
    def __init__(self, source: str, calls: Mapping[Global, Call], persistent: Call | None) -> None:
        self.source = source
        self.calls = calls
        self.persistent = persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.command: Global | None = None

    def run(self, stream: BinaryIO) -> Any:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if count > MAX_OPERATIONS:
                raise LimitError(f"{self.source}: a pickle of more than {MAX_OPERATIONS} steps")
            if opcode.name == "STOP":
                (value,) = self._pop(len(self.stack))
                self._warn()
                return value
            self._step(opcode.name, argument)
        raise ValueError("it has no end")

    def _step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in _PUSH_ARGUMENT:
            if isinstance(argument, int) and argument.bit_length() > MAX_INTEGER_BITS:
                raise ValueError(f"an integer of {argument.bit_length()} bits")
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in ("PROTO", "FRAME"):
            pass
        elif name in _PUT:
            self.memo[int(argument)] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in _GET:
            stack.append(self.memo[int(argument)])
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "POP":
            stack.pop()
        elif name == "POP_MARK":
            self._pop_to_mark()
        elif name == "DUP":
            stack.append(stack[-1])
        elif not self._container(name):
            self._object(name, argument)

    def _container(self, name: str) -> bool:
        """Do an operation that makes or fills a container; whether ``name`` is one."""
        stack = self.stack
        if name == "EMPTY_TUPLE":
            stack.append(())
        elif name in _FIXED_TUPLES:
            stack.append(tuple(self._pop(_FIXED_TUPLES[name])))
        elif name == "TUPLE":
            stack.append(tuple(self._pop_to_mark()))
        elif name == "EMPTY_LIST":
            stack.append([])
        elif name == "LIST":
            stack.append(self._pop_to_mark())
        elif name in ("APPEND", "APPENDS"):
            items = self._pop(1) if name == "APPEND" else self._pop_to_mark()
            if not isinstance(stack[-1], Placeholder):
                self._top(list).extend(items)
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name == "DICT":
            stack.append(_pairs(self._pop_to_mark()))
        elif name in ("SETITEM", "SETITEMS"):
            items = self._pop(2) if name == "SETITEM" else self._pop_to_mark()
            self._filled().update(_pairs(items))
        elif name == "EMPTY_SET":
            stack.append(Placeholder(_SET))
        elif name == "ADDITEMS":
            self._pop_to_mark()
            self._top(Placeholder)
        elif name == "FROZENSET":
            self._pop_to_mark()
            stack.append(Placeholder(_FROZEN_SET))
        else:
            return False
        return True

    def _object(self, name: str, argument: Any) -> None:
        """Do an operation that names, calls or sets up objects."""
        stack = self.stack
        if name == "GLOBAL":
            module, _, attribute = str(argument).partition(" ")
            stack.append(Global(module, attribute))
        elif name == "STACK_GLOBAL":
            module, attribute = self._pop(2)
            if not isinstance(module, str) or not isinstance(attribute, str):
                raise ValueError("a global whose name is no text")
            stack.append(Global(module, attribute))
        elif name in _EXTENSIONS:
            stack.append(Global("copyreg", f"extension {argument}"))
        elif name in ("REDUCE", "NEWOBJ"):
            callee, arguments = self._pop(2)
            stack.append(self._called(callee, arguments))
        elif name == "NEWOBJ_EX":
            callee, arguments, _ = self._pop(3)
            stack.append(self._called(callee, arguments))
        elif name == "OBJ":
            callee, *rest = self._pop_to_mark()
            stack.append(self._called(callee, tuple(rest)))
        elif name == "INST":
            module, _, attribute = str(argument).partition(" ")
            stack.append(self._called(Global(module, attribute), tuple(self._pop_to_mark())))
        elif name == "BUILD":
            (state,) = self._pop(1)
            if isinstance(stack[-1], Placeholder):
                stack[-1].state = state
            elif stack[-1] is _MARK or isinstance(stack[-1], _PLAIN_TYPES):
                raise ValueError("attributes of something that has none")
            # Attributes beside a dict's items, such as a state_dict's _metadata, are not needed.
        elif name == "BINPERSID" and self.persistent is not None:
            (key,) = self._pop(1)
            if not isinstance(key, tuple):
                raise ValueError("a persistent id that is not a tuple")
            stack.append(self.persistent(key))
        else:
            raise ValueError(f"operation {name} has no place in a checkpoint")

    def _called(self, callee: Any, arguments: Any) -> Any:
        """What a call yields: of a known global what it means, else a placeholder."""
        if isinstance(callee, Placeholder):  # such as a method that was looked up
            callee = callee.name
        if not isinstance(callee, Global):
            raise ValueError("a call of something that is not a function")
        if not isinstance(arguments, tuple):
            raise ValueError("a call without a tuple of arguments")
        if callee in self.calls:
            return self.calls[callee](arguments)
        if callee.module.partition(".")[0] in _COMMANDS or (
            callee.module in ("builtins", "__builtin__") and callee.name in _BUILTIN_COMMANDS
        ):
            self.command = callee
        return Placeholder(callee, arguments)

    def _warn(self) -> None:
        if self.command is not None:
            warnings.warn(
                f"{self.source}: the pickle inside calls {str(self.command)[:80]!r}, which runs "
                "commands where the file is loaded as code; nothing was run here, but do not "
                "load it elsewhere unless you trust its source",
                stacklevel=2,
            )

    def _pop(self, count: int) -> list[Any]:
        items = self.stack[-count:]
        if not count or len(items) != count or any(item is _MARK for item in items):
            raise ValueError("its stack runs empty")
        del self.stack[-count:]
        return items

    def _pop_to_mark(self) -> list[Any]:
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at] is _MARK:
                items = self.stack[at + 1 :]
                del self.stack[at:]
                return items
        raise ValueError("a mark is missing")

    def _filled(self) -> dict[Any, Any]:
        """The dict, or the items of a placeholder, that items are put into."""
        top = self.stack[-1]
        if isinstance(top, Placeholder):
            top.items = {} if top.items is None else top.items
            return top.items
        found: dict[Any, Any] = self._top(dict)
        return found

    def _top(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise ValueError(f"a {kind.__name__} was expected on its stack")
        return self.stack[-1]


def _pairs(items: list[Any]) -> dict[Any, Any]:
    if len(items) % 2:
        raise ValueError("a key without a value")
    return dict(zip(map(key_of, items[::2]), items[1::2], strict=True))


def key_of(key: Any) -> Any:
    """``key``, or what stands for one that is not hashed.

    Hashing a tuple of tuples of ... that share their parts can take forever.
    """
    if type(key) in _KEY_TYPES or (type(key) is int and key.bit_length() <= _MAX_KEY_BITS):
        return key
    return Placeholder(Global("builtins", type(key).__name__))
