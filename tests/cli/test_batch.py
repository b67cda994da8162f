"""``nfcodec batch``: many jobs with the real commands, and what is refused before any work."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import pytest

import nfcodec as package
from nfcodec.cli.batch_commands import ClickCommands, job_commands
from nfcodec.errors import UsageError
from tests.cli.conftest import Run, shell


@pytest.fixture
def assets(fields: Path, tmp_path: Path) -> Path:
    """A folder of fields, one of them damaged, and other files."""
    folder = tmp_path / "assets"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(fields / "sdf.pt", folder / "sdf.pt")
    shutil.copy(fields / "scalar.pt", folder / "sub" / "scalar.pt")
    (folder / "sub" / "damaged.pt").write_bytes((fields / "sdf.pt").read_bytes()[:500])
    (folder / "notes.txt").write_text("no field")
    return folder


def rows(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_a_folder_and_then_its_results(nfcodec: Run, assets: Path, tmp_path: Path) -> None:
    """Encode, see what failed, mend it, measure, and decode."""
    out = tmp_path / "out"
    command = ["batch", assets, "-o", out, "-m", "kmeans", "-b", "3", "-j", "1"]
    found = nfcodec(*command)
    assert found.code == 6
    assert "2 done, 1 failed" in found.out
    assert "damaged.pt" in found.err
    assert found.err.splitlines()[-1].startswith("nfcodec: error: 1 of 3 jobs failed")
    by_output = {row["output"]: row for row in rows(out)}
    assert by_output["sub/damaged.nfc"]["code"] == 3
    coded = by_output["sub/scalar.nfc"]
    assert coded["bytes"] == (out / "sub" / "scalar.nfc").stat().st_size
    assert coded["figures"]["metrics"]["value_psnr"] > 5.0  # type: ignore[index]
    assert int(str(coded["peak_memory"])) > 1 << 24
    # The file is the one that the command alone writes.
    alone = tmp_path / "alone.nfc"
    assert nfcodec("encode", assets / "sdf.pt", "-m", "kmeans", "-b", "3", "-o", alone).code == 0
    assert alone.read_bytes() == (out / "sdf.nfc").read_bytes()

    shutil.copy(assets / "sdf.pt", assets / "sub" / "damaged.pt")
    found = nfcodec(*command, "--only", "failed", "--json")
    assert (found.code, found.json["jobs"], found.json["done"]) == (0, 1, 1)
    assert nfcodec(*command, "--json").json["kept"] == 3

    manifest = tmp_path / "jobs.jsonl"
    lines = [
        {"command": "compare", "reference": "assets/sdf.pt", "test": "out/sdf.nfc"},
        {"command": "decode", "input": "out/sdf.nfc", "output": "sdf.npz"},
        {"input": "assets/sdf.pt", "output": "sdf_lra.nfc", "method": "lra", "rank": 2},
        {"input": "assets/sdf.pt", "output": "sdf_flat.nfc", "method": "kmeans", "preview": False},
    ]
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = nfcodec("batch", manifest, "-o", tmp_path / "more", "-j", "1", "--json")
    assert found.code == 0
    results = {row["line"].rpartition(":")[2]: row for row in found.json["results"]}
    assert results["1"]["figures"]["between"]["value_psnr"] > 5.0
    assert (tmp_path / "more" / "sdf.npz").stat().st_size == results["2"]["bytes"]
    assert results["3"]["figures"]["encoding"]["rank"] == 2
    assert results["4"]["options"] == {"method": "kmeans", "preview": False}


def test_from_python(fields: Path, tmp_path: Path) -> None:
    jobs = [{"input": fields / "sdf.pt", "output": "a.nfc"}, {"input": str(fields / "scalar.pt")}]
    found = package.batch(jobs, tmp_path, method="kmeans", bits=2, workers=1)
    assert len(found) == 2
    assert sorted((result.output, result.state) for result in found) == [
        ("a.nfc", "done"), ("scalar.nfc", "done")
    ]  # fmt: skip
    with pytest.raises(UsageError, match="`encode` has no option 'bitz'; it has bits, "):
        package.batch(jobs, tmp_path, bitz=2)
    with pytest.raises(UsageError, match="nothing called 'moon'"):
        package.batch(jobs, tmp_path, on="moon")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"input": "assets/sdf.pt", "bits": 99}', "99 is not in the range 1<=x<=12"),
        ('{"input": "assets/sdf.pt", "bitz": 9}', "`encode` has no option 'bitz'"),
        ('{"input": "assets/sdf.pt", "preview": "no"}', "preview is either true or false"),
        ('{"input": "assets/sdf.pt", "data": "gone"}', "gone: there is no such file or folder"),
        ('{"input": "assets/sdf.pt", "overwrite": true}', "has no option 'overwrite'"),
        ('{"input": "assets/sdf.pt", "command": "view"}', "there is no command 'view' for jobs"),
        ('{"command": "decode", "input": "assets/sdf.pt"}', "has no output; name it, or give"),
        ('{"command": "compare", "input": "assets/sdf.pt"}', "`compare` needs test"),
    ],
)
def test_lines_that_are_refused(
    nfcodec: Run, assets: Path, tmp_path: Path, line: str, words: str
) -> None:
    manifest = tmp_path / "jobs.jsonl"
    manifest.write_text('{"input": "assets/sdf.pt", "output": "x.nfc"}\n' + line + "\n{}")
    found = nfcodec("batch", manifest, "-o", tmp_path / "out")
    first, second, last = found.err.splitlines()
    assert found.code == 2
    assert first.startswith(f"nfcodec: error: {manifest}:2: ")
    assert words in first
    assert second.startswith(f"nfcodec: error: {manifest}:3: has no input")
    assert last == f"nfcodec: error: {manifest}: 2 problems; nothing was begun"
    assert not (tmp_path / "out").exists()


def test_usage(nfcodec: Run, assets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nfcodec("batch", tmp_path / "gone", "-o", out).expect(2, "there is no such file or folder")
    nfcodec("batch", assets / "notes.txt", "-o", out).expect(2, "a folder, or a .jsonl file")
    nfcodec("batch", assets, "-o", out, "--command", "fly").expect(2, "no command 'fly'")
    nfcodec("batch", assets, "-o", out, "--command", "compare").expect(2, "takes two fields")
    nfcodec("batch", assets, "-o", out, "--lod", "2").expect(2, "`encode` has no option 'lod'")
    nfcodec("batch", assets, "-o", out, "-b", "99").expect(2, "99 is not in the range 1<=x<=12")
    nfcodec("batch", assets, "-o", out, "--shard", "3/2").expect(2, "'3/2' is not a shard")
    nfcodec("batch", assets, "-o", assets / "sdf.pt" / "x", "-m", "kmeans").expect(
        2, "the output folder", "cannot be written"
    )
    nfcodec("batch", tmp_path / "assets" / "sub", "-o", out, "--match", "*.x").expect(2, "*.x")


def test_options_are_those_of_the_commands() -> None:
    """Every option of every command can be stated, by the name that its command gives it."""
    commands = ClickCommands()
    for name in job_commands():
        assert commands.first_argument(name)
    call = commands.parse(
        "encode", {"field": "a.pt", "target-size": "10kB", "seed": 0, "data": "d"}, Path("/b")
    )
    assert call.arguments == {"field": "/b/a.pt"}
    assert call.options == {"target_size": "10kB", "data": "/b/d"}  # the seed is the default
    assert (call.reads, call.device_option) == (("data",), True)
    again = commands.parse("encode", {"field": "a.pt", "bits": "4"}, Path("/b"))
    assert again == commands.parse("encode", {"field": "a.pt", "bits": 4}, Path("/b"))


@pytest.mark.slow
def test_ctrl_c_leaves_a_state_to_go_on_from(assets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (assets / "sub" / "damaged.pt").unlink()
    command = ["batch", assets, "-o", out, "-m", "vqad", "-b", "2", "--steps", "100000", "-j", "1"]
    process = shell(*command)
    deadline = time.monotonic() + 120
    while not list(out.rglob("*.lock")) and time.monotonic() < deadline:
        time.sleep(0.2)  # until the worker is at a field
    time.sleep(15.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "what is done is kept: run the same command to go on" in said
    assert list(out.rglob("*.nfc.resume"))
    assert not list(out.glob("*.nfc"))
