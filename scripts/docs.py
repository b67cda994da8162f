"""Build the documentation site: ``make docs``.

The guide, the specification, the decisions and the project's papers are the Markdown files of the
repository, which also read well without a site. This copies them to ``build/docs`` at their places,
so that links among them hold, adds a page of reference for each room of the package, and runs
MkDocs on them. ``python scripts/docs.py serve`` serves the site of the copy.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "docs"

#: Folders whose Markdown becomes pages; that of the root does as well.
FOLDERS = ("docs", "formats", "benchmarks")
PAGES = ("web/README.md",)

#: Rooms with a page of reference: what a program that uses nfcodec, or extends it, may want.
ROOMS = (
    "model", "field", "files", "fieldfile", "coding", "layouts", "codes", "check", "quantize",
    "encoder", "evaluate", "render", "rd", "metrics", "train", "importers", "exporters",
    "errors", "optional", "progress",
)  # fmt: skip

_LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def main() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    sources = [*ROOT.glob("*.md"), *(ROOT / page for page in PAGES)]
    for folder in FOLDERS:
        sources += (ROOT / folder).rglob("*.md")
    for source in sources:
        _copy_page(source)
    _write_reference()
    _write_lists()
    command = sys.argv[1:] or ["build"]
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", *command, "--config-file", COPY.parent / "mkdocs.yml"],
        cwd=ROOT,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    sys.exit(done.returncode)


def _copy_page(source: Path) -> None:
    """Copy a page and the files it links to; links to folders lead to their README, if any."""

    def link(found: re.Match[str]) -> str:
        label, target, anchor = found.groups(default="")
        if "://" in target:
            return found[0]
        path = (source.parent / target).resolve()
        if path.is_dir():
            if not (path / "README.md").is_file():
                return f"`{label}`" if "`" not in label else label
            return f"[{label}]({target.rstrip('/')}/README.md)"
        if path == ROOT / "README.md":
            up = "../" * len(source.relative_to(ROOT).parts[:-1])
            return f"[{label}]({up}index.md{anchor})"
        if path.is_file() and path.suffix != ".md":
            copied = COPY / path.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)
        return found[0]

    page = source.relative_to(ROOT)
    target = COPY / ("index.md" if page == Path("README.md") else page)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_LINK.sub(link, source.read_text()))


def _write_reference() -> None:
    """The names at the top of the package on one page, and one page for each room."""
    import nfcodec

    folder = COPY / "reference"
    folder.mkdir()
    names = [name for name in nfcodec.__all__ if name not in {"__version__", "render"}]
    objects = [(name, getattr(nfcodec, name)) for name in names]
    rooms = [room for room in ROOMS if _exists(room)]
    lines = [
        "# API reference",
        "",
        "These names are promised: `import nfcodec` and use them as `nfcodec.<name>`, and those of "
        "`nfcodec.field`, the parts of a field. The rooms of the package, listed beside this page, "
        "hold the rest; they may change between versions.",
        "",
        *(f"- [`nfcodec.{name}`][{_path(thing)}]" for name, thing in objects),
        "- [`nfcodec.render`](render.md), a module",
        "",
    ]
    for name, thing in objects:
        lines += [f"::: {_path(thing)}", "    options:", f"      heading: nfcodec.{name}", ""]
    (folder / "index.md").write_text("\n".join(lines))
    shown = {_path(thing) for _, thing in objects}
    for room in rooms:
        (folder / f"{room}.md").write_text(_room_page(room, shown))


def _exists(room: str) -> bool:
    return any((ROOT / "nfcodec" / name).exists() for name in (room, f"{room}.py"))


def _path(thing: object) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"  # type: ignore[attr-defined]


def _room_page(room: str, shown: set[str]) -> str:
    """The public modules of a room; what ``shown`` names has its place on the first page."""
    package = ROOT / "nfcodec" / room
    files = sorted(package.rglob("*.py")) if package.is_dir() else [package.with_suffix(".py")]
    lines = [f"# nfcodec.{room}", ""]
    for file in files:
        parts = file.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if any(part.startswith("_") for part in name.split(".")):
            continue
        tree = ast.parse(file.read_text())
        defined = [
            node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        ]
        members = [m for m in defined if not m.startswith("_") and f"{name}.{m}" not in shown]
        # Named one by one: what a package's face imports has its place where it is defined.
        lines += [f"::: {name}", "    options:", f"      members: {json.dumps(members)}"]
        lines.append("")
    return "\n".join(lines)


def _write_lists() -> None:
    """Fill in the entries of the navigation that name a folder."""
    written = (ROOT / "mkdocs.yml").read_text()
    entries = {
        "reference/": sorted(
            (COPY / "reference").glob("*.md"), key=lambda p: (p.name != "index.md", p)
        ),
        "formats/": sorted((COPY / "formats").rglob("*.md")),
        "docs/decisions/": sorted(
            (COPY / "docs" / "decisions").glob("*.md"), key=lambda p: (p.name != "README.md", p)
        ),
    }
    for folder, pages in entries.items():
        indent = re.search(rf"^( *)- \w+: {re.escape(folder)}$", written, flags=re.M)
        assert indent is not None, f"mkdocs.yml names no {folder}"
        listed = "".join(
            f"\n{indent[1]}    - {path.relative_to(COPY).as_posix()}" for path in pages
        )
        written = written.replace(f": {folder}\n", f":{listed}\n")
    for path in ("site", "scripts/docstrings.py"):
        written = written.replace(f" {path}\n", f" {ROOT / path}\n")
    written = written.replace(f" {COPY.relative_to(ROOT)}\n", f" {COPY}\n")
    (COPY.parent / "mkdocs.yml").write_text(written)


if __name__ == "__main__":
    main()
