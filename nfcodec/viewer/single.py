"""A page in a single file: viewer, decoder and field, for mail and for a click on a disk."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import os
import re
from pathlib import Path

from nfcodec.atomic import writing
from nfcodec.viewer.pages import INDEX, SINGLE, SITE, check_page
from nfcodec.viewer.settings import PageSettings, titled

#: Unpacks the program and starts it. The page's policy names this text by its hash.
_START = """
const held = document.getElementById("program");
const packed = Uint8Array.from(atob(held.textContent), (letter) => letter.charCodeAt(0));
const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const program = await new Response(unpacked).arrayBuffer();
const script = document.createElement("script");
script.src = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
held.replaceWith(script);
"""


def page(field: bytes, name: str, settings: PageSettings) -> str:
    """The HTML of a page that shows ``field``, the bytes of a ``.nfc`` file called ``name``."""
    text = (SITE / INDEX).read_text("utf-8")
    style = next((SITE / "assets").glob("*.css")).read_text("utf-8")
    program = gzip.compress((SITE / SINGLE).read_bytes(), 9, mtime=0)
    icon = base64.b64encode((SITE / "favicon.svg").read_bytes()).decode()
    digest = base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}' blob:; worker-src blob:; "
        "style-src 'unsafe-inline'; img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    text = re.sub(r"(http-equiv=\"Content-Security-Policy\"\s+content=)\"[^\"]*\"",
                  lambda found: f'{found[1]}"{policy}"', text, count=1)  # fmt: skip
    text = text.replace('href="favicon.svg"', f'href="data:image/svg+xml;base64,{icon}"', 1)
    text = re.sub(r"<link rel=\"stylesheet\"[^>]*>", lambda _: f"<style>{style}</style>", text)
    text = re.sub(r"\s*<script type=\"module\"[^>]*></script>", "", text)
    text = re.sub(r"\s*<link rel=\"modulepreload\"[^>]*>", "", text)
    poster = None if settings.poster is None else settings.poster.data_url
    text = titled(text, settings, poster)
    held = (
        f'<script type="text/plain" id="field" data-name="{html.escape(name)}">'
        f"{base64.b64encode(field).decode()}</script>\n"
        f'<script type="text/plain" id="program">{base64.b64encode(program).decode()}</script>\n'
        f'<script type="module">{_START}</script>\n'
    )
    return text.replace("</body>", f"{held}</body>", 1)


def export_page(
    file: Path,
    target: str | os.PathLike[str],
    settings: PageSettings | None = None,
    *,
    overwrite: bool = False,
) -> int:
    """Write a page that holds ``file``, and everything that draws it, to ``target``; its bytes.

    Raises as :func:`nfcodec.atomic.check_output`, and NfcodecError if the disk is full.
    """
    check_page()
    data = page(file.read_bytes(), file.name, settings or PageSettings()).encode()
    with writing(target, overwrite) as out:
        out.write_bytes(data)
    return len(data)
