"""``nfcodec verify``: is a ``.nfc`` file whole and sound?"""

from __future__ import annotations

from pathlib import Path

import click

from nfcodec.cli.console import Verb, console
from nfcodec.cli.lean import numba_alone
from nfcodec.cli.options import INPUT, existing_file, json_option
from nfcodec.errors import NfcodecError


@click.command(
    cls=Verb,
    short_help="Check that .nfc files are whole and sound.",
    epilog="""\b
Examples:
  nfcodec verify lego.nfc
  nfcodec verify -q *.nfc && echo all sound
""",
)
@click.argument("files", type=INPUT, nargs=-1, required=True)
@json_option
def verify(files: tuple[Path, ...], as_json: bool) -> None:
    """Read every byte of FILES: checksums, limits, and that each decodes.

    The exit code belongs to the first file that is not sound.
    """
    for file in files:
        existing_file(file)
    from nfcodec import coding

    results = []
    first: NfcodecError | None = None
    for file in files:
        problem: NfcodecError | None = None
        try:
            with numba_alone():
                coding.verify(file)
        except NfcodecError as error:
            problem, first = error, first or error
        results.append({"path": str(file), "ok": problem is None,
                        "problem": None if problem is None else str(problem)})  # fmt: skip
        if not as_json and problem is None and not console.quiet:
            console.result(False, None, f"{file}: sound")
        elif problem is not None and problem is not first:
            console.error(str(problem))
    if as_json:
        console.result(True, results, "")
    if first is not None:
        raise first
