"""``nfcodec batch``: thousands of fields on all cores, or on a cluster."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from nfcodec.cli.batch_commands import job_command, job_commands, own_options
from nfcodec.cli.console import Verb, console
from nfcodec.cli.options import INPUT, Bytes, Listed, UserPath, Within, json_option
from nfcodec.errors import JobsFailedError, UsageError


class Shard(click.ParamType):  # type: ignore[type-arg]
    """``i/n``."""

    name = "i/n"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value  # type: ignore[return-value]
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value))
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            self.fail(f"{value!r} is not a shard such as 1/8, the first of eight")
        return int(match[1]), int(match[2])


class Memory(Bytes):
    """A number of bytes, which may be in GB or GiB."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(gb|gib)", str(value).lower())
        if match is not None:
            return int(float(match[1]) * (1 << 30 if match[2] == "gib" else 10**9))
        return super().convert(value, param, ctx)


class BatchVerb(Verb):
    """The command with its own options, and after them those that jobs' commands define."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own: list[click.Parameter] = list(self.params)
        self._whole = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if not self._whole:
            self._whole = True
            self.params += list(_passed_on({p.name for p in self._own}, self._own))
        return super().get_params(ctx)


def _passed_on(taken: set[str | None], own: list[click.Parameter]) -> Iterator[click.Option]:
    """The options of all jobs' commands, each once, as text: its command checks it."""
    flags = {flag for parameter in own for flag in parameter.opts}
    for command in job_commands().values():
        for option in own_options(command.verb):
            if option.name in taken or flags & {max(option.opts, key=len)}:
                continue
            taken.add(option.name)
            passed = copy.copy(option)
            passed.required, passed.default, passed.show_default = False, None, False
            passed.opts = [flag for flag in option.opts if flag not in flags]
            flags |= {*passed.opts}
            if not option.is_flag:
                passed.type = click.STRING
            yield passed


@click.command(
    cls=BatchVerb,
    short_help="Run a command on many fields.",
    epilog="""\b
Examples:
  nfcodec batch assets/ -o out/ -b 4                 every field in a folder
  nfcodec batch jobs.jsonl -o out/                   a job on each line
  nfcodec batch jobs.jsonl -o out/ --only failed     those that failed once more
  nfcodec batch meshes/ -o fields/ --command "train sdf"
  nfcodec batch out/ -o meshes/ --command decode --suffix .ply --resolution 256
  nfcodec batch jobs.jsonl -o out/ --on ray://head:10001
  nfcodec batch jobs.jsonl -o out/ --shard 3/16      the third of sixteen machines

\b
A line of a .jsonl file names input and output, and any options of its command:
  {"input": "a.pt", "output": "a.nfc", "method": "kmeans", "bits": 6}
  {"command": "decode", "input": "b.nfc", "output": "b.ply", "resolution": 256}
  {"command": "compare", "reference": "a.pt", "test": "out/a.nfc", "output": "a.json"}
Inputs are below the folder of that file, outputs below -o. "memory" is what a job takes, in bytes.

\b
A job is named by a digest of its input and options. One that is done is not done again; run the
same command to go on after an interruption, of any kind. OUT/results.jsonl has a line for each
result: bytes, figures, seconds, peak memory, error. A worker that dies costs its job another try.

\b
Exit codes: 0 all jobs are done; 6 some failed, and the others are done; 2 nothing was begun, as
jobs or options are wrong; 130 interrupted; others as for all commands.
""",
)
@click.argument("jobs", type=INPUT)
@click.option(
    "-o", "--output", type=UserPath(), required=True,
    help="Folder for outputs and results; a folder of inputs is mirrored in it.",
)  # fmt: skip
@click.option(
    "--command", default="encode", show_default=True,
    help='What to run where a job does not say: encode, decode, compare, "train sdf", ...',
)  # fmt: skip
@click.option("--match", metavar="PATTERN", help="Take files of a folder by name, such as '*.tar'.")
@click.option("--suffix", help="Suffix of outputs that are not named, such as .ply for decode.")
@click.option(
    "-j", "--workers", type=click.IntRange(1, 4096),
    help="Worker processes; one for each core by default, or each of --devices.",
)  # fmt: skip
@click.option(
    "--memory", type=Memory(),
    help="Memory that jobs may take together, such as 12GB; most of what is free by default.",
)  # fmt: skip
@click.option(
    "--devices", type=Listed(click.STRING), default=(),
    help="Devices that workers are spread over, such as cuda:0,cuda:1.",
)  # fmt: skip
@click.option(
    "--on", default="local", show_default=True, metavar="WHERE",
    help="local, ray (the cluster of this machine, or a new one), or ray://host:port.",
)  # fmt: skip
@click.option(
    "--gpus", type=Within(0.0), default=0.0, help="GPUs, or a share of one, that a job asks of Ray."
)
@click.option(
    "--retries", type=click.IntRange(0, 100), default=1, show_default=True,
    help="How often to try a job again whose worker died.",
)  # fmt: skip
@click.option("--only", type=click.Choice(["failed", "new"]), help="Run these jobs only.")
@click.option("--shard", type=Shard(), help="Every n-th job from the i-th, for job arrays.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that no batch made.")
@json_option
@click.pass_context
def batch(
    context: click.Context, /, jobs: Path, output: Path, command: str, match: str | None,
    suffix: str | None, workers: int | None, memory: int | None, devices: tuple[str, ...],
    on: str, gpus: float, retries: int, only: Any, shard: tuple[int, int] | None,
    overwrite: bool, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Run JOBS, a folder of fields or a .jsonl file, on all cores; results go to the folder OUT.

    Options of the command that jobs run (encode by default) apply to all jobs that do not state
    them.
    """
    from nfcodec.cli.batch_jobs import batch as run
    from nfcodec.cli.batch_report import report
    from nfcodec.jobs.manifest import MAX_TOLD, ManifestError

    job_command(command)
    given = {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    console.on_interrupt("what is done is kept: run the same command to go on")
    results = []
    try:
        found = run(
            jobs, output, command=command, match=match, suffix=suffix, workers=workers,
            memory=memory, devices=devices, on=on, gpus=gpus, retries=retries, only=only,
            shard=shard, overwrite=overwrite, progress=console.progress(), **given,
        )  # fmt: skip
        for result in found:
            results.append(result)
            if result.state == "failed":
                console.note(f"{result.line}: {result.error}")
    except ManifestError as error:
        for problem in error.problems[:MAX_TOLD]:
            console.error(problem)
        count = len(error.problems)
        raise UsageError(f"{jobs}: {count} problem{'s' * (count > 1)}; nothing was begun") from None
    console.result(as_json, *report(results, output))
    failed = sum(result.state == "failed" for result in results)
    if failed:
        raise JobsFailedError(
            f"{failed} of {len(results)} jobs failed; --only failed runs them once more"
        )
