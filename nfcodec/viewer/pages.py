"""What the viewer's site consists of: the built page, the coded files, and a list of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from nfcodec.errors import NfcodecError, UsageError
from nfcodec.viewer.settings import PageSettings, titled

#: The page as built.
SITE = Path(__file__).resolve().parent / "site"
INDEX = "index.html"
#: Names and sizes of the coded files, for the page to offer.
LIST = "files.json"
#: Which sources the page was built from; not for browsers.
BUILD = "build.json"
#: The program of pages in a single file (:mod:`nfcodec.viewer.single`).
SINGLE = "single.js"
FIELD_TYPE = "application/vnd.nfcodec.nfc"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

_MEANINGFUL = re.compile(r"[^\w .~()+,=@!&;'$*-]|^ | $")


@dataclass(frozen=True)
class Resource:
    """One thing that the site has: its name below the root, its type, and where it comes from."""

    name: str
    media_type: str
    content: Path | bytes


def resources(files: Sequence[Path], settings: PageSettings | None = None) -> dict[str, Resource]:
    """Everything that a site showing ``files`` has, by its name below the root ('' excluded).

    UsageError if two files have one name, or a file has the name of a part of the page or one that
    is no Unicode;
    NfcodecError if the page was not built.
    """
    found = {resource.name: resource for resource in _page()}
    reserved = {*found, LIST}
    for file in files:
        if file.name.encode(errors="ignore").decode() != file.name:
            raise UsageError(f"{file.name!r}: no address can hold this name; rename the file")
        if file.name in reserved:
            raise UsageError(f"{file}: the viewer has a file of that name; rename yours")
        if file.name in found:
            raise UsageError(f"{file}: another file given has the same name; rename one of them")
        found[file.name] = Resource(file.name, FIELD_TYPE, file)
    found[LIST] = Resource(LIST, TYPES[".json"], _list(files))
    if settings is not None:
        poster = settings.poster
        if poster is not None:
            if poster.name in found:
                raise UsageError(f"{poster.name}: the poster takes this name; rename your file")
            found[poster.name] = Resource(poster.name, poster.media_type, poster.content)
        text = titled(
            (SITE / INDEX).read_text("utf-8"), settings, None if poster is None else poster.name
        )
        found[INDEX] = Resource(INDEX, TYPES[".html"], text.encode())
    return found


def query(file: Path) -> str:
    """The part of an address that makes the page show ``file``: ``?src=lego.nfc``.

    What ``?src=`` holds is an address itself, so that characters with a meaning in one, and spaces
    that it would lose, are quoted twice.
    """
    reference = _MEANINGFUL.sub(lambda found: quote(found[0], safe=""), file.name)
    return f"?src={quote(reference, safe='')}"


def check_page() -> None:
    """NfcodecError if the page was not built."""
    if not (SITE / INDEX).is_file():
        raise NfcodecError(
            f"the viewer's page is not there ({SITE}); build it with 'npm ci && npm run "
            "build:viewer' in web/, or install a released nfcodec"
        )


def _page() -> list[Resource]:
    check_page()
    ours = {BUILD, SINGLE}
    parts = sorted(path for path in SITE.rglob("*") if path.is_file() and path.name not in ours)
    return [Resource(path.relative_to(SITE).as_posix(), TYPES[path.suffix], path) for path in parts]


def _list(files: Sequence[Path]) -> bytes:
    entries = [{"name": file.name, "bytes": file.stat().st_size} for file in files]
    return json.dumps({"files": entries}, indent=1).encode()
