"""Manifests: everything wrong is found at once, with file and line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nfcodec.errors import UsageError
from nfcodec.jobs import manifest
from nfcodec.jobs.job import Job
from nfcodec.jobs.manifest import ManifestError
from tests.jobs.fakes import FakeCommands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("a.in", "sub/b.in", "sub/c.other"):
        (tmp_path / name).write_text(name)
    return tmp_path


def read(folder: Path, *lines: object, **options: Any) -> list[Job]:
    path = folder / "jobs.jsonl"
    path.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    )
    return manifest.from_file(path, FakeCommands(), "copy", options, None)


def test_lines_become_jobs(folder: Path) -> None:
    first, second = read(
        folder, {"input": "a.in", "times": 2, "memory": 5}, "", {"file": "sub/b.in", "output": "x"},
        times=1,
    )  # fmt: skip
    assert first.call.arguments == {"file": str(folder / "a.in")}
    assert (first.call.options, first.output, first.memory) == ({"times": 2}, "a.out", 5)
    assert first.where == f"{folder / 'jobs.jsonl'}:1"
    assert (second.call.options, second.output, second.memory) == ({"times": 1}, "x", None)
    assert second.where.endswith(":3")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"input": "a.in"', "is no JSON"),
        ("[1]", "is no JSON object"),
        ({"output": "x"}, 'has no input ("input", or "file")'),
        ({"input": "a.in", "bit": 4}, "`copy` has no option 'bit'"),
        ({"input": "a.in", "command": "fly"}, "there is no command 'fly'"),
        ({"input": "a.in", "command": 3}, "the command has to be a name"),
        ({"input": "gone.in"}, "gone.in: there is no such file or folder"),
        ({"input": "a.in", "output": "/etc/x"}, "/etc/x is outside of the output folder"),
        ({"input": "a.in", "output": "../x"}, "../x is outside of the output folder"),
        ({"input": "a.in", "output": 7}, "the output has to be a name"),
        ({"input": "a.in", "output": "results.jsonl"}, "the name of a journal"),
        ({"input": "a.in", "output": ".nfcodec-batch/x"}, "is where batches keep unfinished work"),
        ({"input": "a.in", "memory": "much"}, "the memory has to be a number of bytes"),
        ({"input": "a.in", "memory": True}, "the memory has to be a number of bytes"),
        ({"input": "sub/b.in", "output": "S"}, "jobs.jsonl:2: has the same output as"),
    ],
)
def test_a_line_that_cannot_be_run(folder: Path, line: Mapping[str, Any] | str, words: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read(folder, {"input": "a.in", "output": "s"}, line)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{folder / 'jobs.jsonl'}:2: ")
    assert words in problem


def test_all_problems_are_told_of(folder: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        read(folder, "{", {"input": "a.in"}, "}", {"input": "a.in"})
    assert [problem.split(": ")[0][-2:] for problem in caught.value.problems] == [":1", ":3", ":4"]


def test_files_that_are_no_manifest(folder: Path) -> None:
    with pytest.raises(UsageError, match="there are no jobs in it"):
        read(folder, "", " ")
    path = folder / "jobs.jsonl"
    path.write_bytes(b'{"input": "\xff"}')
    with pytest.raises(UsageError, match=r"is no text in UTF-8 \(byte 11\)"):
        manifest.from_file(path, FakeCommands(), "copy", {}, None)


def test_a_folder_is_mirrored(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "z.in").touch()

    def found(match: str | None) -> list[str]:
        jobs = manifest.from_folder(
            folder, folder / "out", FakeCommands(), "copy", {}, match, None
        )  # fmt: skip
        return [job.output for job in jobs]

    assert found(None) == ["a.out", "sub/b.out"]
    assert found("*.other") == ["sub/c.out"]
    with pytest.raises(UsageError, match="there is nothing named"):
        found("*.none")
