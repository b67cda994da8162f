"""The commands that jobs of a batch can run, with the options that they define themselves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import click

from nfcodec.cli import signals
from nfcodec.cli.compare import compare
from nfcodec.cli.console import console
from nfcodec.cli.decode import FIELDS, decode
from nfcodec.cli.encode import encode
from nfcodec.cli.explain import explain
from nfcodec.cli.options import UserPath
from nfcodec.cli.train import nerf, sdf
from nfcodec.errors import UsageError
from nfcodec.jobs.job import Call, CommandFailed
from nfcodec.jobs.remote import is_url
from nfcodec.model.kinds import KINDS

#: Parameters that the batch sets itself.
MANAGED = {"output", "overwrite", "resume", "as_json", "verbose", "quiet"}


@dataclass(frozen=True)
class JobCommand:
    """A command with what a batch has to know of it.

    ``writes``: the suffix of its output, "" if the user chooses, None if it has none.
    ``works_on``: whether it works on a path that is found in a folder; None if it takes two.
    """

    verb: click.Command
    writes: str | None
    works_on: Callable[[Path], bool] | None


def _fields(path: Path) -> bool:
    return path.suffix.lower() in FIELDS and path.is_file()


def _coded(path: Path) -> bool:
    return path.suffix.lower() == ".nfc" and path.is_file()


def _meshes(path: Path) -> bool:
    from nfcodec.data.mesh_files import SUFFIXES

    return path.suffix.lower() in SUFFIXES and path.is_file()


def _images(path: Path) -> bool:
    from nfcodec.data.images import is_set

    return path.is_dir() and is_set(path)


@cache
def job_commands() -> dict[str, JobCommand]:
    """Commands by the name that jobs give."""
    guests = [verb for kind in KINDS for verb in kind.part("training_commands") or ()]
    return {
        "encode": JobCommand(encode, ".nfc", _fields),
        "decode": JobCommand(decode, "", _coded),
        "compare": JobCommand(compare, None, None),
        "train nerf": JobCommand(nerf, ".pt", _images),
        "train sdf": JobCommand(sdf, ".pt", _meshes),
        **{f"train {verb.name}": JobCommand(verb, ".pt", _images) for verb in guests},
    }


def job_command(name: str) -> JobCommand:
    """The command ``name``; UsageError if jobs cannot run it."""
    found = job_commands().get(name)
    if found is None:
        raise UsageError(
            f"there is no command {name!r} for jobs; choose {', '.join(job_commands())}"
        )
    return found


def own_options(verb: click.Command) -> Iterator[click.Option]:
    """The options of ``verb`` that jobs may give."""
    for parameter in verb.params:
        if isinstance(parameter, click.Option) and parameter.name not in MANAGED:
            yield parameter


class ClickCommands:
    """:class:`nfcodec.jobs.job.Commands`: the verbs of the command line."""

    def parse(self, command: str, given: Mapping[str, Any], base: Path) -> Call:
        """As the protocol has it. Values may be text or JSON's own."""
        verb = job_command(command).verb
        known = _by_name(verb)
        values = self.parse_options(command, given, base)
        needed = [p for p in verb.params if isinstance(p, click.Argument)]
        missing = [_spelled(p) for p in verb.params if _wanted(p) and p.name not in values]
        if missing:
            raise UsageError(f"`{command}` needs {' and '.join(missing)}")
        least = {name: value for name, value in values.items() if known[name].required}
        parsed, defaults = (_parsed(command, verb, some) for some in (values, least))
        options = {
            name: value
            for name, value in values.items()
            if name in least or parsed[name] != defaults[name]
        }
        arguments = {str(p.name): options.pop(str(p.name)) for p in needed}
        reads = tuple(name for name in options if isinstance(known[name].type, UserPath))
        return Call(command, arguments, options, reads, "device" in known)

    def parse_options(self, command: str, given: Mapping[str, Any], base: Path) -> dict[str, Any]:
        """``given`` by the names of parameters, as text, with absolute paths; UsageError if
        ``command`` has no such option."""
        verb = job_command(command).verb
        known = _by_name(verb)
        values: dict[str, Any] = {}
        for name, value in given.items():
            parameter = known.get(name.replace("-", "_").lower())
            if parameter is None:
                names = sorted({_spelled(p) for p in known.values()})
                raise UsageError(f"`{command}` has no option {name!r}; it has {', '.join(names)}")
            if value is not None:
                values[str(parameter.name)] = _plain(parameter, name, value, base)
        with suppress(click.MissingParameter):  # others may be stated elsewhere
            _parsed(command, verb, values)
        return values

    def writes(self, command: str) -> str | None:
        return job_command(command).writes

    def first_argument(self, command: str) -> str:
        verb = job_command(command).verb
        return str(next(p.name for p in verb.params if isinstance(p, click.Argument)))

    def finds(self, command: str, folder: Path, match: str | None) -> list[Path]:
        works_on = job_command(command).works_on
        if works_on is None:
            raise UsageError(
                f"`{command}` takes two fields, which a folder does not pair; write a .jsonl file "
                'of jobs such as {"command": "compare", "reference": "a.pt", "test": "a.nfc"}'
            )
        found = []
        for where, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted([*files, *folders]):
                path = Path(where, name)
                if name.startswith("."):
                    continue
                if fnmatch(name, match) and path.is_file() if match else works_on(path):
                    found.append(path)
        if not match and works_on is _images and works_on(folder):
            found.insert(0, folder)
        return sorted(found)


def run_call(
    call: Call, output: Path | None, *, resume: bool, device: str | None
) -> tuple[dict[str, Any], list[str]]:
    """:class:`nfcodec.jobs.job.Run`: run ``call`` in this process, as the command line would."""
    verb = job_command(call.command).verb
    values: dict[str, Any] = {**call.arguments, **call.options}
    if device is not None and call.device_option:
        values.setdefault("device", device)
    with console.collecting() as said:
        try:
            with signals.polite(), _context(call.command, verb, values, output, resume) as context:
                verb.invoke(context)
        except Exception as error:
            message, code = explain(error)
            raise CommandFailed(message, code, said.messages) from error
    return said.results[-1], said.messages


def _context(
    command: str, verb: click.Command, values: Mapping[str, Any], output: Path | None,
    resume: bool = False,
) -> click.Context:  # fmt: skip
    """``verb`` parsed with ``values``; click.UsageError if one does not suit."""
    known = _by_name(verb)
    options: list[str] = []
    for name, value in values.items():
        if not isinstance(known[name], click.Argument):
            options += _words(known[name], value)
    own = {str(p.name) for p in verb.params}
    if output is not None and "output" in own:
        options += [f"--output={output}", "--overwrite"]  # in a folder of the batch's own
    if resume and "resume" in own:
        options.append("--resume")
    order = [str(p.name) for p in verb.params if isinstance(p, click.Argument)]
    arguments = [str(values[name]) for name in order if name in values]
    return verb.make_context(f"nfcodec {command}", [*options, "--", *arguments])


def _parsed(command: str, verb: click.Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that ``values`` come to; UsageError if one does not suit."""
    try:
        return _context(command, verb, values, Path("output")).params
    except click.MissingParameter:
        raise
    except click.ClickException as error:
        raise UsageError(error.format_message().rstrip(".")) from error


def _words(option: click.Parameter, value: Any) -> list[str]:
    """``option`` with ``value`` as words of a command line."""
    flag = max(option.opts, key=len)
    if value is True:
        return [flag]
    if value is False:
        return [max(option.secondary_opts, key=len)] if option.secondary_opts else []
    if isinstance(value, list):
        return [f"{flag}={item}" for item in value]
    return [f"{flag}={value}" if flag.startswith("--") else f"{flag}{value}"]


def _by_name(verb: click.Command) -> dict[str, click.Parameter]:
    """Arguments, and options that jobs may give, by each name that they go by."""
    found: dict[str, click.Parameter] = {}
    for parameter in (*own_options(verb), *verb.params):
        if isinstance(parameter, click.Argument) or parameter.name not in MANAGED:
            for name in (str(parameter.name), *parameter.opts):
                found[name.lstrip("-").replace("-", "_").lower()] = parameter
    return found


def _spelled(parameter: click.Parameter) -> str:
    return max(parameter.opts, key=len).lstrip("-")


def _wanted(parameter: click.Parameter) -> bool:
    return parameter.required and parameter.name not in MANAGED


def _plain(parameter: click.Parameter, name: str, value: Any, base: Path) -> Any:
    """``value`` as text, a flag's as it is, and a path made absolute."""
    if getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise UsageError(f"{name} is either true or false")
        return value
    if isinstance(value, (list, tuple)) and parameter.multiple:
        return [str(item) for item in value]
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    if isinstance(value, (bool, dict)):
        raise UsageError(f"{name} cannot be {value!r}")
    if isinstance(parameter.type, UserPath):
        text = os.fspath(value) if isinstance(value, os.PathLike) else value
        if not isinstance(text, str) or not text:
            raise UsageError(f"{name} has to be a path")
        return text if is_url(text) else os.path.abspath(base / text)
    return str(value)
