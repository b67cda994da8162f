"""The runner of conformance, on our decoders and on some that are wrong."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from formats.conformance import compare
from formats.conformance.__main__ import main
from formats.conformance.questions import Question, questions

ADAPTER = [sys.executable, "-m", "formats.conformance.python_adapter"]
_WRONG = """
import json, sys
for line in sys.stdin:
    question = json.loads(line)
    if "{when}" in open(question["file"], "rb").read(8).decode("latin-1"):
        {then}
    print(json.dumps({{"answer": "accepted"}}), flush=True)
"""


def test_our_decoder_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--", *ADAPTER]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[0] for row in rows] == ["decoded", "cuts", "values", "refused"]
    assert all(int(row[1]) > 0 and row[2:] == ["0", "0"] for row in rows)


NODE = shutil.which("node")
WEB = Path(__file__).parents[2] / "web"


@pytest.mark.skipif(
    NODE is None or not (WEB / "node_modules" / "esbuild").exists(), reason="needs Node and npm ci"
)
def test_the_decoder_of_the_page_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    adapter = WEB.parent / "formats" / "conformance" / "node_adapter.js"
    assert main(["--", str(NODE), str(adapter)]) == 0
    rows = {row[0]: row[1:] for row in map(str.split, capsys.readouterr().out.splitlines()[1:])}
    images = sum(question.optional for question in questions() if question.part == "decoded")
    assert rows["decoded"][1:] == ["0", str(images)]
    assert rows["values"][:2] == ["0", "0"]
    assert rows["refused"][1] == "0"


def command(tmp_path: Path, then: str, when: str = "NFC") -> list[str]:
    script = tmp_path / "decoder.py"
    script.write_text(_WRONG.format(then=then, when=when))
    return ["--timeout", "5", "--", sys.executable, str(script)]


def test_one_that_accepts_everything_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--only", "refused", *command(tmp_path, "pass")]) == 1
    out = capsys.readouterr().out
    assert "answers 'accepted' instead of 'rejected'" in out
    assert out.splitlines()[-1].split()[1] == "0"


def test_one_that_ends_is_started_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "cuts", *command(tmp_path, "sys.exit(7)")]) == 1
    out = capsys.readouterr().out
    asked = sum(question.part == "cuts" for question in questions())
    assert out.count("the command has ended, with") == asked


def test_what_is_no_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "cuts", *command(tmp_path, "print('hm', flush=True)")]) == 1
    assert "no JSON: 'hm" in capsys.readouterr().out


def test_differences() -> None:
    wanted: Any = {"a": [1, {"sha256": "x", "first": [1]}], "b": None}
    question = Question("decoded", "n", b"", "accepted", decoded=wanted)

    def problem(found: Any, **more: Any) -> str | None:
        return compare.problem(question, {"answer": "accepted", "decoded": found, **more})

    assert problem({"a": [1, {"sha256": "x"}], "b": None}) is None
    assert problem({"a": [2, {"sha256": "x"}], "b": None}) == "a.0: 2 instead of 1"
    assert problem({"a": [1, {"sha256": "y"}], "b": None}) == "a.1: another array"
    assert problem({"a": [1], "b": None}) == "a: not 2 items"
    assert problem({"a": wanted["a"]}) == "b is missing"
    assert compare.problem(question, {"answer": "unsupported"}) is not None


def test_values_have_a_tolerance() -> None:
    question = Question("values", "n", b"", "accepted", values=[[[1.0, 1000.0]]])

    def problem(*values: float) -> str | None:
        return compare.problem(question, {"answer": "accepted", "values": [[list(values)]]})

    assert problem(1.000009, 1000.009) is None
    assert "[0][0][1]" in str(problem(1.0, 1000.02))
    assert problem(float("nan"), 1000.0)
    assert compare.problem(question, {"answer": "accepted"}) == ""


def test_folders_without_vectors_are_no_success(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no vectors for decoded"):
        main(["--vectors", str(tmp_path), "--", *ADAPTER])
    json.dumps([question.name for question in questions()])  # all are found where they should be
