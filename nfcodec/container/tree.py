"""Strict reading of a decoded CBOR tree: every value checked, every message says where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nfcodec.arrays import MAX_NUMBER, is_moderate
from nfcodec.container import limits
from nfcodec.errors import DamagedFileError, UnsupportedError


@dataclass(frozen=True)
class Node:
    """A value in the tree and its path, e.g. ``header: grids[0].levels[2].rows``."""

    value: Any
    path: str

    def fields(self, names: dict[int, str], optional: Sequence[int] = ()) -> dict[int, Node]:
        """The entries of a map by their integer keys; missing ones are left out.

        ``names``: all keys that this build knows. A missing key that is not ``optional`` is
        damage; an unknown one is a feature that this build lacks.
        """
        if not isinstance(self.value, dict):
            raise self.damage("is not a map")
        for key in self.value:
            if type(key) is not int:
                raise self.damage(f"has {key!r} for a key, not a number")
            if key not in names:
                raise UnsupportedError(f"{self.path}: entry {key!r} is not known to this build")
        for key, name in names.items():
            if key not in self.value and key not in optional:
                raise self.damage(f"lacks its entry {key} ({name})")
        return {key: Node(value, f"{self.path}.{names[key]}") for key, value in self.value.items()}

    def items(self, maximum: int, minimum: int = 0) -> Iterator[Node]:
        """The entries of an array of ``minimum`` to ``maximum`` items."""
        if not isinstance(self.value, list):
            raise self.damage("is not an array")
        limits.check(len(self.value), maximum, f"{self.path}: the number of entries")
        if len(self.value) < minimum:
            raise self.damage(f"has {len(self.value)} entries, fewer than {minimum}")
        return (Node(value, f"{self.path}[{i}]") for i, value in enumerate(self.value))

    def exactly(self, count: int) -> Iterator[Node]:
        """The entries of an array of ``count`` items: anything else is damage."""
        if not isinstance(self.value, list) or len(self.value) != count:
            raise self.damage(f"is not an array of {count} entries")
        return self.items(count)

    def variant(self, lengths: Mapping[int, tuple[str, tuple[int, ...]]]) -> tuple[str, list[Node]]:
        """An array that starts with a frozen id: the id's name and the rest.

        ``lengths``: by id, the name and the numbers of further entries that are allowed.
        """
        if not isinstance(self.value, list) or not self.value:
            raise self.damage("is not an array of at least one entry")
        entries = [Node(value, f"{self.path}[{i}]") for i, value in enumerate(self.value)]
        name, allowed = self._known(entries[0], lengths)
        if len(entries) - 1 not in allowed:
            raise self.damage(f"has {len(entries) - 1} values, which {name} does not take")
        return name, entries[1:]

    def tagged(self) -> tuple[int, list[Node]]:
        """An array that starts with a frozen id: the id and the rest."""
        if not isinstance(self.value, list) or not self.value:
            raise self.damage("is not an array of at least one entry")
        first, *rest = (Node(value, f"{self.path}[{i}]") for i, value in enumerate(self.value))
        return first.frozen_id(), rest

    def need_values(self, values: Sequence[Node], least: int, most: int, name: str) -> None:
        """Damage unless there are ``least`` to ``most`` ``values`` of what is called ``name``."""
        if not least <= len(values) <= most:
            raise self.damage(f"has {len(values)} values, which {name} does not take")

    def one_of(self, names: Sequence[str]) -> str:
        """A frozen id, by its position in ``names``."""
        return str(self._known(self, dict(enumerate(names))))

    def frozen_id(self) -> int:
        """A number that stands for a member of a registry."""
        if type(self.value) is not int or self.value < 0:
            raise self.damage(f"is {self.value!r}, not a number that stands for a name")
        return self.value

    def uint(self, maximum: int, minimum: int = 0) -> int:
        """An integer; below ``minimum`` is damage, above ``maximum`` is LimitError."""
        if type(self.value) is not int or self.value < minimum:
            raise self.damage(f"is {self.value!r}, not an integer of at least {minimum}")
        return limits.check(self.value, maximum, self.path)

    def within(self, minimum: int, maximum: int) -> int:
        """An integer of a range that the format itself sets: anything else is damage."""
        if type(self.value) is not int or not minimum <= self.value <= maximum:
            raise self.damage(f"is {self.value!r}, not an integer from {minimum} to {maximum}")
        return self.value

    def flag(self) -> bool:
        if type(self.value) is not bool:
            raise self.damage(f"is {self.value!r}, not true or false")
        return self.value

    def real(self) -> float:
        if type(self.value) is not float or not is_moderate(self.value):
            raise self.damage(f"is {self.value!r}, not a float of at most {MAX_NUMBER:g} in size")
        return self.value

    def text(self) -> str:
        if type(self.value) is not str or not 0 < len(self.value) <= limits.NAME:
            raise self.damage(f"is not a text of 1 to {limits.NAME} characters")
        return self.value

    def raw(self, *sizes: int) -> bytes:
        """A byte string of one of ``sizes``."""
        if type(self.value) is not bytes or len(self.value) not in sizes:
            raise self.damage(f"is not a byte string of {' or '.join(map(str, sizes))} bytes")
        return self.value

    def damage(self, problem: str) -> DamagedFileError:
        return DamagedFileError(f"{self.path} {problem}")

    def _known(self, node: Node, table: Mapping[int, Any]) -> Any:
        if type(node.value) is not int or node.value < 0:
            raise node.damage(f"is {node.value!r}, not a number that stands for a name")
        if node.value not in table:
            raise UnsupportedError(f"{node.path}: id {node.value!r} is not known to this build")
        return table[node.value]
