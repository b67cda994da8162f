"""Reads what a pickle says without doing what it says.

A pickle is a program for a small stack machine that may import anything and call it. This is that
machine with nothing to call: a global is only a name, and calling one works for the few names in
``calls`` that a caller gives a meaning to. Everything else is refused by name. Python's own
unpickler is never used (its memory use can be driven by the input as well).
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nfcodec.errors import DamagedFileError, LimitError

#: Bytes and operations of one pickle; the tensors of a checkpoint lie outside of it.
MAX_PICKLE_BYTES = 1 << 26
MAX_OPERATIONS = 5_000_000
#: Bits of an integer: Python prints none of thousands of digits, and messages hold what files say.
MAX_INTEGER_BITS = 4096


@dataclass(frozen=True)
class Global:
    """The name of something in some Python module; nothing is imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


Call = Callable[[tuple[Any, ...]], Any]

_MARK = object()
_KEY_TYPES = (str, int, float, bool, bytes, type(None), Global)

_PUSH_ARGUMENT = {
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
}  # fmt: skip
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_FIXED_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_REFUSED_CALLS = {"INST", "OBJ", "NEWOBJ", "NEWOBJ_EX"}


def read(
    data: bytes,
    source: str,
    calls: Mapping[Global, Call],
    names: frozenset[Global] = frozenset(),
    persistent: Call | None = None,
) -> Any:
    """The value that the pickle ``data`` describes.

    ``calls`` gives the globals that may be called and what calling them yields; ``names`` those
    that may be mentioned besides and stand in the result as :class:`Global`. ``persistent``
    resolves persistent ids (a tuple). Errors: DamagedFileError for a pickle that is cut, malformed,
    or names anything else (the message says what); LimitError above the limits of this module.
    """
    if len(data) > MAX_PICKLE_BYTES:
        raise LimitError(f"{source}: a pickle of {len(data)} bytes; {MAX_PICKLE_BYTES} are allowed")
    try:
        return _Machine(source, calls, names, persistent).run(data)
    except DamagedFileError:
        raise
    # What malformed opcodes make pickletools and the stack below raise.
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise DamagedFileError(f"{source}: the pickle inside is malformed ({error})") from error


class _Machine:
    def __init__(
        self,
        source: str,
        calls: Mapping[Global, Call],
        names: frozenset[Global],
        persistent: Call | None,
    ) -> None:
        self.source = source
        self.calls = calls
        self.names = names
        self.persistent = persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count > MAX_OPERATIONS:
                raise LimitError(f"{self.source}: a pickle of more than {MAX_OPERATIONS} steps")
            if opcode.name == "STOP":
                (value,) = self._pop(len(self.stack))
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
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[int(argument)] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memo[int(argument)])
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "EMPTY_TUPLE":
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
            self._top(list).extend(items)
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name == "DICT":
            stack.append(_pairs(self._pop_to_mark()))
        elif name in ("SETITEM", "SETITEMS"):
            items = self._pop(2) if name == "SETITEM" else self._pop_to_mark()
            self._top(dict).update(_pairs(items))
        elif name == "POP":
            stack.pop()
        elif name == "POP_MARK":
            self._pop_to_mark()
        elif name == "DUP":
            stack.append(stack[-1])
        elif name == "GLOBAL":
            module, _, attribute = str(argument).partition(" ")
            stack.append(self._allowed(Global(module, attribute)))
        elif name == "STACK_GLOBAL":
            module, attribute = self._pop(2)
            if not isinstance(module, str) or not isinstance(attribute, str):
                raise ValueError("a global whose name is no text")
            stack.append(self._allowed(Global(module, attribute)))
        elif name == "REDUCE":
            callee, arguments = self._pop(2)
            if not isinstance(callee, Global):
                raise ValueError("a call of something that is no function")
            if callee not in self.calls:
                raise self._refusal(str(callee))
            if not isinstance(arguments, tuple):
                raise ValueError("a call without a tuple of arguments")
            stack.append(self.calls[callee](arguments))
        elif name == "BUILD":
            # Attributes beside a dict's items, such as a state_dict's _metadata: not needed.
            self._pop(1)
            self._top(dict)
        elif name == "BINPERSID" and self.persistent is not None:
            (key,) = self._pop(1)
            if not isinstance(key, tuple):
                raise ValueError("a persistent id that is no tuple")
            stack.append(self.persistent(key))
        elif name in _REFUSED_CALLS:
            raise self._refusal(str(argument).replace(" ", ".") if argument else self._callee(name))
        else:
            raise ValueError(f"operation {name} has no place in a checkpoint")

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

    def _top(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise ValueError(f"a {kind.__name__} was expected on its stack")
        return self.stack[-1]

    def _allowed(self, name: Global) -> Global:
        if name not in self.calls and name not in self.names:
            raise self._refusal(str(name))
        return name

    def _callee(self, operation: str) -> str:
        names = [str(item) for item in self.stack if isinstance(item, Global)]
        return names[-1] if names else operation

    def _refusal(self, name: str) -> DamagedFileError:
        return DamagedFileError(
            f"{self.source}: the pickle inside refers to {name[:200]}, which is no tensor and "
            "no plain data; code in a pickle is never run. If you trust the file's source, load it "
            "with PyTorch and save its state_dict alone"
        )


def _pairs(items: list[Any]) -> dict[Any, Any]:
    if len(items) % 2:
        raise ValueError("a key without a value")
    # Hashing a tuple of tuples of ... that share their parts can take forever.
    if any(type(key) not in _KEY_TYPES for key in items[::2]):
        raise ValueError("a dict key that is no text, number or name")
    return dict(zip(items[::2], items[1::2], strict=True))
