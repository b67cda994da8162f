"""Named tensors, found where tools put them in a checkpoint.

Tools save a network's tensors at the top, one or two levels down under a key of their own
(``model``, ``state_dict``, ``ema``), or as a whole module; and wrappers put words into the names
(``module.`` by DataParallel, ``_orig_mod.`` by torch.compile, ``model.`` by Lightning). Each such
place is a :class:`StateDict`; :func:`pick` takes the one that an importer knows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy.typing as npt

from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from nfcodec.untrusted import pickled_numpy
from nfcodec.untrusted.faults import shown
from nfcodec.untrusted.safe_pickle import Placeholder
from nfcodec.untrusted.tensors import Tensor

#: What wrappers put into names, at any place and any number of times.
_WRAPPERS = frozenset({"module", "_orig_mod"})
#: Levels that named tensors may lie down in a checkpoint, and parts of a name before the tensors'
#: own names.
_DEPTH = 2
_PREFIXES = 2
_MAX_NAME = 512
_MAX_LIST = 64
#: Modules within modules, and names looked at: the same part can be named any number of times.
_MAX_NESTING = 64
_MAX_NAMES = 1_000_000

Leaf: TypeAlias = "Tensor | Placeholder"


class StateDict(Mapping[str, npt.NDArray[Any]]):
    """Arrays by name; each is read from the file on demand.

    ``place`` says where in the checkpoint they are, and ``key`` under which key; ``is_part``: their
    names have a prefix in the file that is left out here. A name that two tensors have, since
    their names differ in the wrappers' words alone, raises UnsupportedError on access.
    """

    def __init__(self, place: str, source: str, key: str = "", is_part: bool = False) -> None:
        self.place = place
        self.source = source
        self.key = key
        self.is_part = is_part
        self.leaves: dict[str, Leaf] = {}
        self._written_as: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def add(self, name: str, leaf: Leaf, written: str) -> None:
        """Add the tensor that the file calls ``written``."""
        if name in self.leaves and not same_values(leaf, self.leaves[name]):
            self._taken.setdefault(name, written)
            return
        self.leaves.setdefault(name, leaf)
        self._written_as.setdefault(name, written)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        leaf = self.leaves[name]
        if name in self._taken:
            raise UnsupportedError(
                f"{self.source}: {shown(name)} is there twice, as {shown(self._written_as[name])} "
                f"and {shown(self._taken[name])}; save a checkpoint with one of them"
            )
        if isinstance(leaf, Tensor):
            return leaf.array()
        found = pickled_numpy.array(leaf)
        if found is None:
            raise DamagedFileError(f"{self.source}: array {shown(name)} holds no plain numbers")
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.leaves

    def __iter__(self) -> Iterator[str]:
        return iter(self.leaves)

    def __len__(self) -> int:
        return len(self.leaves)

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of a tensor, of which nothing is read; None if there is none."""
        leaf = self.leaves.get(name)
        if leaf is None:
            return None
        return leaf.shape if isinstance(leaf, Tensor) else pickled_numpy.shape(leaf)


def find(root: Any, source: str) -> list[StateDict]:
    """Every place with named tensors in what ``torch.save`` wrote, the outermost first."""
    found: list[StateDict] = []
    todo: deque[tuple[str, str, Any, int]] = deque([("", "", root, 0)])
    seen: set[int] = set()
    names = _Names(source)
    while todo:
        place, key, value, depth = todo.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        members = names.of(value)
        found += _grouped(members, place, key, source)
        if depth < _DEPTH:
            todo.extend(
                (f"{place}[{shown(inner)!r}]", shown(inner), item, depth + 1)
                for inner, item in members.items()
                if isinstance(item, (dict, list, tuple, Placeholder))
            )
    return found


def pick(
    found: list[StateDict], knows: Callable[[StateDict], bool], source: str
) -> StateDict | None:
    """The one of ``found`` that an importer ``knows``, or None.

    UnsupportedError if it knows several that are not the same: which one is wanted is not for us
    to guess.
    """
    known = [tensors for tensors in found if knows(tensors)]
    for other in known[1:]:
        first = known[0]
        if any(
            not same_values(other.leaves[name], first.leaves[name])
            for name in other.leaves.keys() & first.leaves.keys()
        ):
            raise UnsupportedError(
                f"{source}: holds several fields, under {first.place or 'the top'} and "
                f"{other.place or 'the top'}; save the one that you want in a file of its own "
                "with torch.save"
            )
    return known[0] if known else None


def same_values(one: Leaf, other: Leaf) -> bool:
    """Whether two leaves are the same part of the file."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return one == other
    return one is other


def _grouped(members: Mapping[Any, Any], place: str, key: str, source: str) -> list[StateDict]:
    """The named tensors of one mapping, once with their names whole and once for each prefix."""
    groups: dict[str, StateDict] = {}
    for name, value in members.items():
        if not isinstance(name, str) or not _is_leaf(value):
            continue
        parts = [name]
        if len(name) <= _MAX_NAME:
            parts = [part for part in name.split(".") if part not in _WRAPPERS] or [name]
        for count in range(min(_PREFIXES + 1, len(parts))):
            prefix = "".join(f"{part}." for part in parts[:count])
            if prefix not in groups:
                where = f"{place}[{shown(prefix) + '*'!r}]" if prefix else place
                groups[prefix] = StateDict(where, source, key, is_part=bool(prefix))
            groups[prefix].add(".".join(parts[count:]), value, name)
    return [groups[prefix] for prefix in sorted(groups, key=lambda prefix: prefix.count("."))]


def _is_leaf(value: Any) -> bool:
    return isinstance(value, Tensor) or (
        isinstance(value, Placeholder) and pickled_numpy.is_array(value)
    )


class _Names:
    """Yields the named parts of a value; LimitError above the limit of names."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.left = _MAX_NAMES

    def of(self, value: Any) -> Mapping[Any, Any]:
        """The members of a dict, of a short list, or of an object that is not built."""
        if isinstance(value, dict):
            return value
        if isinstance(value, (list, tuple)):
            return dict(enumerate(value)) if len(value) <= _MAX_LIST else {}
        if not isinstance(value, Placeholder):
            return {}
        if isinstance(value.state, dict) and isinstance(value.state.get("_modules"), dict):
            return self._of_module(value)
        state = value.state if isinstance(value.state, dict) else {}
        self._count(len(state) + len(value.items or {}))
        return {**state, **(value.items or {})}

    def _of_module(self, module: Placeholder) -> dict[str, Any]:
        """The parameters and buffers of a module that was saved whole, named as in its
        ``state_dict``."""
        found: dict[str, Any] = {}
        todo: list[tuple[str, Any, int]] = [("", module, 0)]
        while todo:
            prefix, part, depth = todo.pop()
            self._count(1)
            if not isinstance(part, Placeholder) or not isinstance(part.state, dict):
                continue
            for kind in ("_parameters", "_buffers", "_modules"):
                named = part.state.get(kind)
                if not isinstance(named, dict) or depth > _MAX_NESTING:
                    continue
                self._count(len(named))
                inner = [(f"{prefix}{shown(name)}", value) for name, value in named.items()]
                if kind == "_modules":
                    todo += [(f"{name}.", value, depth + 1) for name, value in inner]
                else:
                    found |= dict(inner)
        return found

    def _count(self, names: int) -> None:
        self.left -= names
        if self.left < 0:
            raise LimitError(f"{self.source}: a checkpoint of more than {_MAX_NAMES:,} names")
