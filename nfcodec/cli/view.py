"""``nfcodec view``: fields in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.options import INPUT, existing, json_option, overwrite_option
from nfcodec.errors import UsageError


@click.command(
    cls=Verb,
    short_help="Look at .nfc files in the browser, or export the viewer.",
    epilog="""\b
Examples:
  nfcodec view lego.nfc                       opens the browser; Ctrl-C ends it
  nfcodec view lego.nfc armadillo.nfc --port 9000
  nfcodec view lego.nfc --no-open             prints the address only
  nfcodec view lego.nfc --export site/        a static site for any web server

\b
An exported site shows any file that lies beside it: https://host/site/?src=lego.nfc
The local server answers this machine alone. It ends with exit code 0 after Ctrl-C.
""",
)
@click.argument("files", type=INPUT, nargs=-1, required=True)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N",
    help="Port of 127.0.0.1 to serve on; 8420 by default, or a free one.",
)  # fmt: skip
@click.option("--no-open", is_flag=True, help="Open no browser, only say the address.")
@click.option(
    "--export", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Write the viewer and FILES to this folder and serve nothing.",
)  # fmt: skip
@overwrite_option
@json_option
def view(
    files: tuple[Path, ...], port: int | None, no_open: bool, folder: Path | None,
    overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Look at FILES (.nfc) in the browser: each level of detail is drawn as it arrives.

    Files are checked first, as by 'nfcodec verify'.
    """
    if folder is not None and port is not None:
        raise UsageError("--port is for serving, and --export serves nothing; leave one out")
    if folder is None and overwrite:
        raise UsageError("--overwrite goes with --export; serving writes nothing")
    for file in files:
        existing(file)
    if folder is None:
        _need_server()
    from nfcodec import stream, viewer

    if folder is not None:
        viewer.check_export(folder, overwrite)
    site = viewer.resources(files)
    for file in files:
        stream.verify(file)
    if folder is not None:
        where, count = viewer.export(files, folder, overwrite=overwrite)
        console.result(
            as_json,
            {"path": where, "bytes": count, "files": [file.name for file in files]},
            f"{folder}: {size(count)}; put it on any web server and open it with "
            f"{viewer.query(files[0])}",
        )
        return

    from nfcodec.viewer import server

    listener = server.listen(port)
    address = server.address(listener, viewer.query(files[0]))
    try:
        server.serve(
            site, listener, open_at=None if no_open else address,
            started=lambda: console.result(
                as_json,
                {"address": address, "files": [file.name for file in files]},
                f"{address} (Ctrl-C ends it)",
            ),
        )  # fmt: skip
    except KeyboardInterrupt as stop:
        if type(stop) is not KeyboardInterrupt:  # a polite kill, which has its own exit code
            raise


def _need_server() -> None:
    """Refuse at once, before anything is loaded, if the packages of the server are not there."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("starlette", "uvicorn")):
        raise UsageError(
            "serving needs two more packages: pip install 'nfcodec[view]' "
            "(--export works without them)"
        )
