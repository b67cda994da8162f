"""The viewer in the browser: a local server for it, and a copy of it for any web server.

``site/`` holds the page as built from ``web/src/viewer``; nothing here needs Node.
"""

from __future__ import annotations

from nfcodec.viewer.export import check_export, export
from nfcodec.viewer.pages import Resource, query, resources
from nfcodec.viewer.settings import PageSettings, poster_of, read_poster, view_of
from nfcodec.viewer.single import export_page

__all__ = [
    "PageSettings",
    "Resource",
    "check_export",
    "export",
    "export_page",
    "poster_of",
    "query",
    "read_poster",
    "resources",
    "view_of",
]
