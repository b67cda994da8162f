"""What the publisher of an exported page may set, and the page's HTML with it."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path

from nfcodec.errors import UsageError

#: Largest poster in bytes: it is loaded before anything else.
POSTER_BYTES = 4 << 20
#: What image files begin with: media type, ending, and where the signature is.
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", ".png"),
    (b"\xff\xd8\xff", 0, "image/jpeg", ".jpg"),
    (b"WEBP", 8, "image/webp", ".webp"),
    (b"ftypavif", 4, "image/avif", ".avif"),
)
#: Parts of a copied link that hold for a field, as ``web/src/viewer/link.ts`` reads them.
_VIEW_KEYS = frozenset({"camera", "lod", "mode", "colormap", "range", "level", "background"})
_TITLE = "nfcodec viewer"
_DESCRIPTION = "A viewer for neural fields in .nfc files"


@dataclass(frozen=True)
class Poster:
    """An image that the page shows until the field is drawn, and where nothing can draw it."""

    content: bytes
    media_type: str
    #: Its name beside an exported page.
    name: str

    @property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True)
class PageSettings:
    """Title and description (of the page, and of links to it), first view, and poster.

    ``view``: the part of a copied link after ``#``, such as ``camera=...&background=ffffff``.
    """

    title: str | None = None
    description: str | None = None
    view: str | None = None
    poster: Poster | None = None


def poster_of(content: bytes, source: str) -> Poster:
    """UsageError unless ``content`` is a PNG, JPEG, WebP or AVIF image of at most 4 MiB."""
    if len(content) > POSTER_BYTES:
        raise UsageError(
            f"{source}: a poster of {len(content):,} bytes would be loaded before the field; make "
            f"one of at most {POSTER_BYTES:,}"
        )
    for signature, at, media_type, ending in _IMAGES:
        if content[at : at + len(signature)] == signature:
            return Poster(content, media_type, f"poster{ending}")
    raise UsageError(f"{source}: is no PNG, JPEG, WebP or AVIF image")


def read_poster(path: Path) -> Poster:
    """The poster in a file; see :func:`poster_of`."""
    with path.open("rb") as file:
        return poster_of(file.read(POSTER_BYTES + 1), str(path))


def view_of(link: str) -> str:
    """The view of a link that the page copied (key L), or of its part after ``#``.

    UsageError if it says nothing that a page understands.
    """
    said = link.rsplit("#", 1)[-1]
    keys = {part.split("=", 1)[0] for part in said.split("&") if "=" in part}
    if not keys or not keys <= _VIEW_KEYS or not re.fullmatch(r"[\w=&.,+%-]*", said):
        raise UsageError(
            f"--view: {link[:80]!r} is no link to a view; press L in the viewer and paste what it "
            "copied, or the part after #"
        )
    return said


def titled(page: str, settings: PageSettings, poster: str | None) -> str:
    """The HTML of the page with these settings; ``poster``: its address."""
    title = settings.title or _TITLE
    description = settings.description or settings.title or _DESCRIPTION
    page = page.replace(f"<title>{_TITLE}</title>", f"<title>{html.escape(title)}</title>", 1)
    page = page.replace(f'content="{_DESCRIPTION}"', f'content="{html.escape(description)}"', 1)
    tags = []
    if settings.title is not None or settings.description is not None:
        tags = [("og:title", title), ("og:description", description), ("og:type", "website")]
        if poster is not None and not poster.startswith("data:"):
            tags.append(("og:image", poster))
    lines = "".join(
        f'    <meta property="{name}" content="{html.escape(value)}" />\n' for name, value in tags
    )
    page = page.replace("  </head>", f"{lines}  </head>", 1)
    if settings.view is not None:
        view = html.escape(settings.view)
        page = page.replace("<body ", f'<body data-view="{view}" ', 1)
    if poster is not None:
        alt = html.escape(settings.title or "")
        page = page.replace("<!-- poster -->", f'<img id="poster" src="{poster}" alt="{alt}" />', 1)
    return page
