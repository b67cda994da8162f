"""The viewer in the browser: a local server for it, and a copy of it for any web server.

``site/`` holds the page as built from ``web/src/viewer``; nothing here needs Node.
"""

from __future__ import annotations

from nfcodec.viewer.export import check_export, export
from nfcodec.viewer.pages import Resource, query, resources

__all__ = ["Resource", "check_export", "export", "query", "resources"]
