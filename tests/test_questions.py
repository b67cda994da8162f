"""Nobody asks which layout or code a level has: each answers for itself, in its own module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from nfcodec.codes import CODES
from nfcodec.combine import COMBINES
from nfcodec.layouts import LAYOUTS

PACKAGE = Path(__file__).resolve().parent.parent / "nfcodec"
MEMBERS = [*LAYOUTS, *CODES]
CLASSES = {member.__name__ for member in MEMBERS}
NAMES = {*LAYOUTS.names, *CODES.names, *COMBINES.names}
#: Rooms that say in other tools' words what a field is, and so have to know its own.
TRANSLATORS = {"importers", "exporters"}
#: Attributes whose value is the name of a layout, a code or a way to combine.
NAMED = {"name", "combine"}


def questions(tree: ast.AST, classes: set[str]) -> Iterator[int]:
    """Lines that ask for one of ``classes``, or compare a ``.name`` or ``.combine`` with a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            asked = {getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(node.args[1])}
            if asked & classes:
                yield node.lineno
        elif isinstance(node, ast.MatchClass) and getattr(node.cls, "id", "") in classes:
            yield node.cls.lineno
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            constants = {n.value for side in sides for n in ast.walk(side)
                         if isinstance(n, ast.Constant)}  # fmt: skip
            if any(getattr(side, "attr", "") in NAMED for side in sides) and constants & NAMES:
                yield node.lineno
            types = {getattr(s.func, "id", "") for s in sides if isinstance(s, ast.Call)}
            if "type" in types and classes & {getattr(side, "id", "") for side in sides}:
                yield node.lineno


def own_module(member: type) -> Path:
    return PACKAGE.joinpath(*member.__module__.split(".")[1:]).with_suffix(".py")


def test_no_question_is_asked_outside_the_members_own_modules() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        here = {member.__name__ for member in MEMBERS if own_module(member) == path}
        if path.relative_to(PACKAGE).parts[0] in TRANSLATORS:
            continue
        tree = ast.parse(path.read_text())
        found += [f"{path.relative_to(PACKAGE)}:{line}" for line in questions(tree, CLASSES - here)]
    assert found == []


def test_questions_are_seen() -> None:
    seen = """
isinstance(level.layout, OctreeLayout)
isinstance(code, (int, codes.VQCode))
level.layout.name == "octree"
"concat" != grid.combine
type(code) is LowRankCode
isinstance(level, Level)
network.name == "density"
"""
    assert sorted(questions(ast.parse(seen), CLASSES)) == [2, 3, 4, 5, 6]
