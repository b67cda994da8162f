"""``nfcodec view``: fields in the browser."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import click

from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.options import INPUT, UserPath, existing_file, json_option, overwrite_option
from nfcodec.errors import UnsupportedError, UsageError


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
    "--export", "folder", type=UserPath(), metavar="FOLDER",
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
    if folder is not None and no_open:
        raise UsageError("--no-open is for serving, and --export opens nothing; leave one out")
    if folder is None and overwrite:
        raise UsageError("--overwrite goes with --export; serving writes nothing")
    for file in files:
        existing_file(file)
    _check_kinds(files)
    if folder is None:
        _serve(files, port, no_open, as_json)
    else:
        _export(files, folder, overwrite, as_json)


def _check_kinds(files: tuple[Path, ...]) -> None:
    """UnsupportedError for what the page cannot draw."""
    from nfcodec import coding
    from nfcodec.model.kinds import KINDS

    for file in files:
        kind = KINDS.named(coding.kind(file), str(file))
        if kind.has_image_stage:
            raise UnsupportedError(
                f"{file}: holds a {kind.name} field, whose images come from networks that the page "
                "does not run; `nfcodec render` draws it, and `--orbit` makes a video of it"
            )


def _export(files: tuple[Path, ...], folder: Path, overwrite: bool, as_json: bool) -> None:
    from nfcodec import coding, viewer

    viewer.check_export(folder, overwrite)
    viewer.resources(files)
    for file in files:
        coding.verify(file)
    where, count = viewer.export(files, folder, overwrite=overwrite)
    console.result(
        as_json,
        {"path": where, "bytes": count, "files": [file.name for file in files]},
        f"{folder}: {size(count)}; put it on any web server and open it with "
        f"{viewer.query(files[0])}",
    )


def _serve(files: tuple[Path, ...], port: int | None, no_open: bool, as_json: bool) -> None:
    server = _server()
    from nfcodec import coding, viewer

    site = viewer.resources(files)
    for file in files:
        coding.verify(file)
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


def _server() -> ModuleType:
    """The server; UsageError if the packages it needs are not there."""
    try:
        from nfcodec.viewer import server
    except ModuleNotFoundError as error:
        raise UsageError(
            "serving needs two more packages: pip install 'nfcodec-core[view]' "
            "(--export works without them)"
        ) from error
    return server
