"""Imports go one way, and the light parts stay light."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from nfcodec.model.kinds import GUESTS
from nfcodec.optional import EXTRAS, IN_FULL

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "nfcodec"
#: Where :data:`GUESTS` is.
GUEST_TABLE = PACKAGE / "model" / "kinds.py"

#: Upper floors may import lower ones and, without cycles, their own.
FLOORS = (
    ("vqnerf",),
    ("cli",),
    ("jobs",),
    ("rd",),
    ("shared",),
    ("encoder", "files"),
    ("train", "quantize"),
    ("fit", "importers", "exporters", "metrics", "viewer"),
    ("fieldfile",),
    ("render", "data", "untrusted"),
    ("evaluate", "coding"),
    ("check", "field"),
    ("layouts", "codes", "combine", "transforms"),
    ("entropy",),
    ("model",),
    ("container",),
    ("optional",),
    ("errors", "progress", "atomic", "aside", "jit", "arrays", "registry", "methods", "_version"),
)
HEIGHT = {room: -number for number, rooms in enumerate(FLOORS) for room in rooms}

#: External packages that only some rooms may import.
ONLY_IN = {
    "constriction": {"entropy"},
    "click": {"cli", "vqnerf"},
    "tqdm": {"cli"},
    "starlette": {"viewer"},
    "uvicorn": {"viewer"},
    "wgpu": {"render"},
    "transformers": {"vqnerf"},
    "ray": {"jobs"},
    "fsspec": {"jobs"},
    "safetensors": {"importers", "vqnerf"},
    "torch": {
        "cli", "rd", "encoder", "train", "quantize", "fit", "importers", "exporters", "metrics",
        "fieldfile", "render", "data", "evaluate", "vqnerf",
    },
}  # fmt: skip


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


#: A string that names one of our modules: "nfcodec.room.module" or "nfcodec.room.module:name".
_MODULE_NAME = re.compile(r"(nfcodec(?:\.[a-z_0-9]+)+)(?::\w+)?")


@cache
def imports(path: Path) -> list[tuple[str, int]]:
    """Dotted names that a file imports, anywhere in it, with line numbers.

    A string that is the name of a module counts as an import of it, as ``import_module`` takes it:
    all but those of the one table that says where guests are.
    """
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write imports in full"
            if node.module == "nfcodec":
                found += [(f"nfcodec.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((str(node.module), node.lineno))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = _MODULE_NAME.fullmatch(node.value)
            guest = path == GUEST_TABLE and node.value in GUESTS.values()
            if named and not guest and file_of(named[1]) is not None:
                found.append((named[1], node.lineno))
    return found


def file_of(name: str) -> Path | None:
    """The file of our module ``name``, a name in which belongs to it, or None."""
    path = ROOT.joinpath(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists():
            return file
    return None


def top_level_imports(path: Path) -> set[Path]:
    """Our files that importing the file at ``path`` imports itself, at once."""
    found = set()
    todo = list(ast.parse(path.read_text()).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("nfcodec"):
            for alias in node.names:
                file = file_of(f"{node.module}.{alias.name}") or file_of(str(node.module))
                found.add(file)
        elif isinstance(node, ast.Import):
            found |= {file_of(alias.name) for alias in node.names if "nfcodec" in alias.name}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            todo += node.orelse
        elif not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return {file for file in found if file is not None and file != path}


FILES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if path.name not in {"__main__.py"}
    and path != PACKAGE / "__init__.py"
]  # fmt: skip


def test_every_room_has_a_floor() -> None:
    assert len(FILES) > 40
    assert {room_of(path) for path in FILES} <= HEIGHT.keys()


def test_the_design_names_every_room() -> None:
    floors = (ROOT / "docs" / "design.md").read_text().split("## Floors")[1].split("## ")[0]
    assert HEIGHT.keys() - {"_version"} <= {*re.findall(r"`(\w+)`", floors)}


def test_imports_go_down() -> None:
    wrong = []
    for path in FILES:
        room = room_of(path)
        for name, line in imports(path):
            parts = name.split(".")
            if parts[0] != "nfcodec" or len(parts) == 1 or parts[1] == room:
                continue
            if HEIGHT.get(parts[1], 99) > HEIGHT[room]:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {room} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_rooms_of_one_floor_form_no_cycle() -> None:
    edges: dict[str, set[str]] = {room: set() for room in HEIGHT}
    for path in FILES:
        room = room_of(path)
        for name, _ in imports(path):
            parts = name.split(".")
            if parts[0] == "nfcodec" and len(parts) > 1 and parts[1] != room:
                edges[room].add(parts[1])

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(edges[start])
        while todo:
            room = todo.pop()
            if room not in seen:
                seen.add(room)
                todo += edges.get(room, ())
        return seen

    assert [room for room in HEIGHT if room in reachable(room)] == []


def test_modules_form_no_circle() -> None:
    """Neither within a room, nor by a package's ``__init__`` that imports its own modules."""
    edges = {path: top_level_imports(path) for path in FILES}
    done: set[Path] = set()

    def visit(path: Path, above: tuple[Path, ...]) -> None:
        if path in above:
            circle = [*above[above.index(path) :], path]
            pytest.fail(" -> ".join(str(file.relative_to(PACKAGE)) for file in circle))
        if path in done:
            return
        for other in sorted(edges.get(path, ())):
            visit(other, (*above, path))
        done.add(path)

    for path in FILES:
        visit(path, ())


def test_external_packages_stay_in_their_rooms() -> None:
    wrong = []
    for path in FILES:
        for name, line in imports(path):
            allowed = ONLY_IN.get(name.split(".")[0])
            if allowed is not None and room_of(path) not in allowed:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: imports {name}")
    assert not wrong, "\n".join(wrong)


#: Packages whose import name is not the name they are installed by.
INSTALLED_AS = {
    "PIL": "pillow", "google_crc32c": "google-crc32c", "sklearn": "scikit-learn",
    "skimage": "scikit-image", "imageio_ffmpeg": "imageio-ffmpeg", "yaml": "pyyaml",
}  # fmt: skip


def requirements(key: str) -> set[str]:
    """Distributions that a list of pyproject.toml names."""
    text = (ROOT / "pyproject.toml").read_text()
    (listed,) = re.findall(rf"^{key} = \[(.*?)\]$", text, flags=re.M | re.S)
    return set(re.findall(r'"([A-Za-z0-9_-]+)(?:\[[a-z]+\])?[><=]', listed))


def test_what_is_imported_is_asked_for() -> None:
    """pyproject.toml names every package that the code imports, and no other."""
    required = requirements("dependencies")
    extras = {extra: requirements(extra) for extra in {*EXTRAS.values()}}
    used = {name.split(".")[0] for path in FILES for name, _ in imports(path)}
    used -= {*sys.stdlib_module_names, "nfcodec"}
    installed = {name: INSTALLED_AS.get(name, name) for name in used}
    assert {*installed.values()} <= required.union(*extras.values())
    assert required.union(*(extras[extra] for extra in IN_FULL)) <= {*installed.values()}
    # What `need` says to install is where it says.
    for package, extra in EXTRAS.items():
        assert INSTALLED_AS.get(package, package) in extras[extra]
    assert {name for name, wanted in installed.items() if wanted not in required} <= EXTRAS.keys()


HEAVY = ("torch", "sklearn", "skimage", "matplotlib", "trimesh", "h5py", "scipy", "numba")


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("nfcodec", (*HEAVY, "numpy")),
        ("nfcodec.cli.app", (*HEAVY, "numpy")),
        ("nfcodec.coding", ("torch", "sklearn", "skimage", "matplotlib", "trimesh", "h5py")),
        ("nfcodec.quantize", ("torch", "sklearn", "skimage", "matplotlib", "trimesh", "h5py")),
    ],
)
def test_import_stays_light(module: str, absent: tuple[str, ...]) -> None:
    script = f"import sys, {module}; print(*sorted(set({absent!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("module", "setting"), [("nfcodec.coding", "None"), ("nfcodec.cli.threads", "passive")]
)
def test_only_the_command_line_sets_how_threads_wait(module: str, setting: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    prepare = f"import os, sys, {module}; getattr({module}, 'prepare', bool)(); "
    done = subprocess.run(
        [sys.executable, "-c", prepare + "print(os.environ.get('OMP_WAIT_POLICY'), *sys.modules)"],
        check=True, cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    found, *modules = done.stdout.split()
    assert found == setting
    assert "torch" not in modules  # it would have read the setting already


def test_the_names_promised_at_the_top_are_there() -> None:
    import nfcodec

    for name in nfcodec.__all__:
        assert getattr(nfcodec, name) is not None
    assert set(nfcodec.__all__) <= set(dir(nfcodec))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = nfcodec.nonsense


def test_views_are_there_however_rendering_was_imported() -> None:
    code = "import nfcodec.render, nfcodec; nfcodec.render.views.camera; nfcodec.render.images"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
