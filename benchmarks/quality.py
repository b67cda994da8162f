"""The README's headline figures, measured again, and held against the committed ones.

    python benchmarks/peer_codecs/environments.py      # for the rows of other codecs
    python benchmarks/quality.py lego_200/ -o work/    # about an hour on two cores
    python benchmarks/quality.py lego_200/ -o work/ --only trained,vqad,ecq
    python benchmarks/quality.py lego_200/ -o work/ --publish
    python benchmarks/quality.py --readme

Trains lego by ``nfcodec train nerf`` at its defaults, codes the field in every way that the README
lists, and measures the files on the held-out views. Ends with exit code 1 if a row lost more than
0.2 dB or grew by more than 3 % against ``benchmarks/results/quality.json``: run it before a change
to training or coding lands. ``--publish`` makes the new figures the committed ones and writes the
README's table; ``--readme`` only writes the table. Rows of the same commit are not done again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import RESULTS, commit, write
from peer_codecs import environments
from rate.jobs import Bench, Failed, Job
from targets import run

README = Path(__file__).resolve().parent.parent / "README.md"
#: The README's table lies between these lines.
BEGIN, END = "<!-- benchmarks/quality.py writes this table -->\n", "<!-- end of the table -->\n"
#: What a row may lose: dB, and bytes as a share of the committed file's.
MOST_DB, MOST_BYTES = 0.2, 0.03
_STEPS = 1000
Figures = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row of the table: ``key`` for ``--only``, what it says, and the job that makes its file.

    A row without a job is the trained field, or has a ``size`` that is aimed at without images.
    """

    key: str
    label: str
    job: Job | None = None
    size: int | None = None


def _ecq(**setting: Any) -> Job:
    return Job.of("ecq", steps=_STEPS, **setting)


ROWS = (
    Row("trained", "trained field, `.pt` in float32"),
    Row("float16", "`-m float16`", Job.of("float16")),
    Row("zstd", "float16, steps of 1/2 deviation, zstd-19", Job.of("zstd", step=0.5)),
    Row("nnc", "NNCodec, qp -12", Job.of("nnc", qp=-12)),
    Row("published", "VQ-AD as published, 4 bits, entropy-coded at zero order",
        Job.of("published-zero", bits=4, steps=_STEPS)),
    Row("vqad", "`-b 4`", Job.of("vqad", bits=4, steps=_STEPS)),
    Row("ecq-0.01", "`-m ecq --lambda 0.01 -b 8`", _ecq(rate_weight=0.01, bits=8)),
    Row("ecq-0.03", "`-m ecq --lambda 0.03`", _ecq(rate_weight=0.03)),
    Row("target", "`--target-size 60kB`, without the images, 2,000 steps, with preview",
        size=60_000),
    Row("ecq", "`-m ecq`", _ecq(rate_weight=0.1)),
    Row("ecq-0.3", "`-m ecq --lambda 0.3`", _ecq(rate_weight=0.3)),
    Row("ecq-1", "`-m ecq --lambda 1`", _ecq(rate_weight=1.0)),
)  # fmt: skip


def main(given: Sequence[str] | None = None) -> int:
    options = arguments(given)
    committed = read(RESULTS / "quality.json")
    if options.readme:
        put_into_readme(committed)
        return 0
    rows = measured(options)
    lost = losses(committed, rows)
    for key, figures in rows.items():
        print(f"{key:10} {figures['bytes']:>11,} bytes {figures['psnr']:.2f} dB")
    for line in lost:
        print(f"quality: {line}", file=sys.stderr)
    if options.publish:
        # Rows that were not asked for keep their figures.
        write("quality", {"steps": _STEPS, "seed": 0}, {"rows": {**committed, **rows}})
        put_into_readme({**committed, **rows})
        return 0
    return 1 if lost else 0


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="NeRF-Synthetic lego at 200 x 200")
    parser.add_argument("-o", "--output", type=Path, help="folder of the work")
    parser.add_argument("--field", type=Path, help="take this trained field instead of training")
    parser.add_argument("--only", default=",".join(row.key for row in ROWS), help="rows to measure")
    parser.add_argument("--publish", action="store_true", help="commit to the new figures")
    parser.add_argument("--readme", action="store_true", help="only write the README's table")
    parser.add_argument("--environments", type=Path, default=environments.FOLDER)
    options = parser.parse_args(given)
    options.only = options.only.split(",")
    unknown = set(options.only) - {row.key for row in ROWS}
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if not options.readme and (options.data is None or options.output is None):
        parser.error("DATA and --output are needed")
    return options


def measured(options: argparse.Namespace) -> dict[str, Figures]:
    """Bytes and PSNR of the rows asked for, by key; what cannot be done is said and left out."""
    folder = options.output / commit()
    folder.mkdir(parents=True, exist_ok=True)
    field = options.field or folder / "lego.pt"
    if not field.exists():
        required("train", "nerf", options.data, "-o", str(field))
    bench = Bench(str(field), options.data, folder, options.environments)
    found: dict[str, Figures] = {}
    for row in ROWS:
        if row.key not in options.only:
            continue
        try:
            if row.job is not None:
                record = bench.run(row.job)
                found[row.key] = {"bytes": record["bytes"], "psnr": record["quality"]["psnr"]}
            elif row.size is not None:
                found[row.key] = of_size(field, options.data, row.size, folder)
            else:
                psnr = bench.ruler.measure(bench.field)["psnr"]
                found[row.key] = {"bytes": field.stat().st_size, "psnr": psnr}
        except Failed as error:
            print(f"quality: {row.key} left out: {str(error).splitlines()[-1]}", file=sys.stderr)
    return found


def of_size(field: Path, data: str, size: int, folder: Path) -> Figures:
    """A file of ``size`` bytes, learned from the field alone, judged on the images."""
    file = folder / f"size_{size}.nfc"
    if not file.exists():
        required(
            "encode",
            str(field),
            "-o",
            str(file),
            "--target-size",
            str(size),
            "--steps",
            str(2 * _STEPS),
        )
    found = required("compare", str(field), str(file), "--data", data)
    return {"bytes": file.stat().st_size, "psnr": found["test"]["psnr"]}


def required(*command: str) -> Any:
    """The JSON that ``nfcodec`` prints; Failed if it ends with an error."""
    done = run(*command)
    if done["exit"]:
        raise Failed(done["error"])
    return done["found"]


def losses(committed: Mapping[str, Figures], rows: Mapping[str, Figures]) -> list[str]:
    """What each of ``rows`` lost against the ``committed`` ones, beyond what is allowed."""
    found = []
    for key, now in rows.items():
        then = committed.get(key)
        if then is None:
            found.append(f"{key} has no committed figures; --publish takes these")
            continue
        if now["psnr"] < then["psnr"] - MOST_DB:
            found.append(f"{key} has {now['psnr']:.2f} dB instead of {then['psnr']:.2f}")
        if now["bytes"] > then["bytes"] * (1.0 + MOST_BYTES):
            found.append(f"{key} takes {now['bytes']:,} bytes instead of {then['bytes']:,}")
    return found


def read(path: Path) -> dict[str, Figures]:
    """The committed rows by key; none if there is no such file yet."""
    if not path.is_file():
        return {}
    rows: dict[str, Figures] = json.loads(path.read_text("utf-8"))["results"]["rows"]
    return rows


def table(rows: Mapping[str, Figures]) -> str:
    """The README's table."""
    lines = ["| | bytes | PSNR |", "| --- | --- | --- |"]
    for row in ROWS:
        if row.key in rows:
            figures = rows[row.key]
            lines.append(f"| {row.label} | {figures['bytes']:,} | {figures['psnr']:.2f} dB |")
    return "\n".join(lines) + "\n"


def put_into_readme(rows: Mapping[str, Figures], readme: Path = README) -> None:
    """Replace the table in ``readme`` by that of ``rows``."""
    text = readme.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    readme.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
