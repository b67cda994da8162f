"""Registries: what has a frozen id and a name, and may be brought by another distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from nfcodec.errors import UnsupportedError


class Named(Protocol):
    """An object of a class that is in a registry."""

    name: ClassVar[str]


T = TypeVar("T")
P = TypeVar("P")


class Registry(Generic[T]):
    """Classes or objects by ``tag``, their frozen id in files, and by ``name``.

    ``what``: names a member in messages, such as "layout". ``group``: the entry points by which
    other distributions bring members: each is named as its member and loads it. Entry points are
    looked at only for a tag or a name that is not there.
    ``guests``: where members are, as ``"module:name"``, that this distribution brings but that are
    loaded on demand.
    """

    def __init__(self, what: str, group: str, guests: Mapping[str, str] | None = None) -> None:
        self.what, self.group = what, group
        self.guests = {} if guests is None else guests
        self._by_tag: dict[int, T] = {}
        self._by_name: dict[str, T] = {}

    def add(self, member: T) -> T:
        """Register ``member``; ValueError if its tag or its name is taken by another."""
        tag, name = _keys(member)
        if self._by_tag.get(tag, member) is not member:
            raise ValueError(f"{self.what} id {tag} is registered already")
        if self._by_name.get(name, member) is not member:
            raise ValueError(f"{self.what} {name!r} is registered already")
        self._by_tag[tag] = self._by_name[name] = member
        return member

    def discard(self, member: T) -> None:
        """Undo :meth:`add`."""
        tag, name = _keys(member)
        self._by_tag.pop(tag, None)
        self._by_name.pop(name, None)

    def __iter__(self) -> Iterator[T]:
        """Members by tag; those of other distributions if they were asked for."""
        self._load_guests()
        return iter([self._by_tag[tag] for tag in sorted(self._by_tag)])

    @property
    def names(self) -> tuple[str, ...]:
        """Names by tag, of the members that are loaded."""
        return tuple(_keys(member)[1] for member in self)

    def named(self, name: str, where: str) -> T:
        """The member called ``name``; UnsupportedError, which begins with ``where``, if none is."""
        if name not in self._by_name and name in self.guests:
            self.add(load(self.guests[name]))
        if name not in self._by_name:
            self._load(lambda entry: bool(entry.name == name))
        if name not in self._by_name:
            raise UnsupportedError(
                f"{where}: unknown {self.what} {name!r}; known are {', '.join(self.names)}"
            )
        return self._by_name[name]

    def tagged(self, tag: int, where: str) -> T:
        """The member of id ``tag``; UnsupportedError, which begins with ``where``, if none is."""
        if tag not in self._by_tag:
            self._load_guests()
        if tag not in self._by_tag:
            self._load(lambda entry: True)
        if tag not in self._by_tag:
            raise UnsupportedError(f"{where}: id {tag!r} is not known to this build")
        return self._by_tag[tag]

    def _load_guests(self) -> None:
        for name, where in self.guests.items():
            if name not in self._by_name:
                self.add(load(where))

    def _load(self, wanted: Callable[[Any], bool]) -> None:
        for entry in _entries(self.group):
            if wanted(entry) and entry.name not in self._by_name:
                self.add(entry.load())


def load(where: str) -> Any:
    """The module ``"module"``, or what is called ``name`` in it for ``"module:name"``."""
    module, _, name = where.partition(":")
    found = import_module(module)
    return getattr(found, name) if name else found


def plugin(group: str, name: str) -> Any:
    """What another distribution brings under the entry point ``name`` of ``group``, or None."""
    return next((entry.load() for entry in _entries(group) if entry.name == name), None)


def plugins(group: str) -> list[Any]:
    """All that other distributions bring under the entry points of ``group``, by name."""
    return [entry.load() for entry in sorted(_entries(group), key=lambda entry: str(entry.name))]


def _entries(group: str) -> list[Any]:
    from importlib.metadata import entry_points  # takes longer than most of what it is for

    return [*entry_points(group=group)]


def _keys(member: Any) -> tuple[int, str]:
    """The tag and the name of a member: of a class, of an object."""
    return member.tag, member.name


class Parts(Generic[P]):
    """What an upper floor hangs on the members of a registry, such as a GPU program on a code.

    ``group``: the entry points by which other distributions bring parts: each is named as the
    member it belongs to. Entry points are looked at only for a member without a part.
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self._parts: dict[type, P] = {}

    def register(self, member: type) -> Callable[[P], P]:
        """A decorator: what it decorates is the part of class ``member``."""

        def add(part: P) -> P:
            self._parts[member] = part
            return part

        return add

    def find(self, member: Named) -> P | None:
        """The part of the class of ``member``; None if it has none."""
        kind = type(member)
        if kind not in self._parts:
            part = plugin(self.group, member.name)
            if part is not None:
                self._parts[kind] = part
        return self._parts.get(kind)
