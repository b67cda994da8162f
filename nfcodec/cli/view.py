"""``nfcodec view``: fields in the browser."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from nfcodec.cli.console import Verb, console, size
from nfcodec.cli.options import INPUT, UserPath, existing_file, json_option, overwrite_option
from nfcodec.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from nfcodec.viewer import PageSettings


@click.command(
    cls=Verb,
    short_help="Look at .nfc files in the browser, or export the viewer.",
    epilog="""\b
Examples:
  nfcodec view lego.nfc                       opens the browser; Ctrl-C ends it
  nfcodec view lego.nfc armadillo.nfc --port 9000
  nfcodec view lego.nfc --no-open             prints the address only
  nfcodec view lego.nfc --export lego.html    one file that holds everything, also for mail
  nfcodec view lego.nfc --export site/        a static site for any web server
  nfcodec view lego.nfc --export site/ --title "Lego bulldozer" --poster lego.webp

\b
An exported site shows any file that lies beside it: https://host/site/?src=lego.nfc
With &embed it shows the image alone, for an <iframe> in another page.
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
    "--export", "target", type=UserPath(), metavar="FOLDER|FILE.html",
    help="Write the viewer and FILES to this folder, or one of them into a page; serve nothing.",
)  # fmt: skip
@click.option("--title", metavar="TEXT", help="Title of an exported page, and of links to it.")
@click.option("--description", metavar="TEXT", help="What links to an exported page say of it.")
@click.option(
    "--view", "link", metavar="LINK",
    help="First view of an exported page: a link that L copied, or its part after #.",
)  # fmt: skip
@click.option(
    "--poster", type=INPUT, metavar="IMAGE",
    help="Image that an exported page shows at once, until the field is drawn; the preview in the "
    "file by default.",
)  # fmt: skip
@overwrite_option
@json_option
def view(
    files: tuple[Path, ...], port: int | None, no_open: bool, target: Path | None,
    title: str | None, description: str | None, link: str | None, poster: Path | None,
    overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Look at FILES (.nfc) in the browser: each level of detail is drawn as it arrives.

    Files are checked first, as by 'nfcodec verify'.
    """
    if target is not None and port is not None:
        raise UsageError("--port is for serving, and --export serves nothing; leave one out")
    if target is not None and no_open:
        raise UsageError("--no-open is for serving, and --export opens nothing; leave one out")
    if target is None and overwrite:
        raise UsageError("--overwrite goes with --export; serving writes nothing")
    given = {"--title": title, "--description": description, "--view": link, "--poster": poster}
    for name, value in given.items():
        if target is None and value is not None:
            raise UsageError(f"{name} goes with --export")
    single = target is not None and target.suffix.lower() in {".html", ".htm"}
    if single and len(files) > 1:
        raise UsageError(
            f"{target} can hold one field, not {len(files)}; export to a folder, or one by one"
        )
    for file in files:
        existing_file(file)
    _check_kinds(files)
    if target is None:
        _serve(files, port, no_open, as_json)
        return
    settings = _settings(files, title, description, link, poster)
    if single:
        _export_page(files[0], target, settings, overwrite, as_json)
    else:
        _export(files, target, settings, overwrite, as_json)


def _settings(
    files: tuple[Path, ...], title: str | None, description: str | None, link: str | None,
    poster: Path | None,
) -> PageSettings:  # fmt: skip
    from nfcodec import coding, viewer

    shown = None
    if poster is not None:
        shown = viewer.read_poster(existing_file(poster))
    elif len(files) == 1:  # a site of several does not know which of them is looked at
        preview = coding.preview(files[0])
        if preview is not None:
            shown = viewer.poster_of(preview, f"{files[0]}: its preview")
    view = None if link is None else viewer.view_of(link)
    return viewer.PageSettings(title, description, view, shown)


def _export_page(
    file: Path, target: Path, settings: PageSettings, overwrite: bool, as_json: bool
) -> None:
    from nfcodec import coding, viewer
    from nfcodec.atomic import check_output

    check_output(target, overwrite)
    coding.verify(file)
    count = viewer.export_page(file, target, settings, overwrite=overwrite)
    console.result(
        as_json,
        {"path": target, "bytes": count, "files": [file.name]},
        f"{target}: {size(count)}; open it in a browser",
    )


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


def _export(
    files: tuple[Path, ...], folder: Path, settings: PageSettings, overwrite: bool, as_json: bool
) -> None:
    from nfcodec import coding, viewer

    viewer.check_export(folder, overwrite)
    viewer.resources(files, settings)
    for file in files:
        coding.verify(file)
    where, count = viewer.export(files, folder, settings, overwrite=overwrite)
    query = viewer.query(files[0])
    frame = f'<iframe src="{folder.name}/{query}&amp;embed" width="640" height="480"></iframe>'
    console.result(
        as_json,
        {"path": where, "bytes": count, "files": [file.name for file in files], "embed": frame},
        f"{folder}: {size(count)}; put it on any web server and open it with {query}\n"
        f"in another page: {frame}",
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
