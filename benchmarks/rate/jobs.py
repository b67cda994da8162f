"""Jobs: one way of coding the field each, their files and their records.

A job's file and its record lie under ``points/`` in the output folder. A record says what it was
made of; as long as that is the same, the job is not done again.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import peer_codecs
from common import commit
from peer_codecs import environments, worker

from nfcodec import coding, files, importers, quantize
from nfcodec._version import __version__
from nfcodec.atomic import writing
from nfcodec.metrics.fields import require_comparable
from nfcodec.model.field import Field
from nfcodec.rd import inputs
from rate import skeleton
from rate.published import PublishedVQAD
from rate.quality import Ruler
from rate.switches import SWITCHES

Record = dict[str, Any]

#: Ours; those that learn; and other accounts of what they make: the same field in another file.
OURS = ("ecq", "vqad", "kmeans", "lra", "float16")
LEARNED = ("ecq", "vqad", "published", "hashed")
ACCOUNTS = {
    f"{method}-{account}": (method, account)
    for method in ("vqad", "published", "kmeans")
    for account in ("zero", "paper")
}
PEERS = (*OURS, "published", *ACCOUNTS, "hashed", *peer_codecs.MODULES)
#: Those whose files are ``.nfc``.
_NFC = {*OURS, "published", *ACCOUNTS}

NAMES = {
    "ecq": "nfcodec ecq",
    "vqad": "nfcodec vqad",
    "kmeans": "nfcodec kmeans",
    "lra": "nfcodec lra",
    "float16": "nfcodec float16",
    "published": "VQ-AD as published, nfcodec's entropy coding",
    "vqad-zero": "nfcodec vqad, zero-order coded",
    "vqad-paper": "nfcodec vqad, paper's accounting",
    "published-zero": "VQ-AD as published, zero-order coded",
    "published-paper": "VQ-AD as published, paper's accounting",
    "kmeans-zero": "k-means, zero-order coded",
    "kmeans-paper": "k-means, paper's accounting",
    "hashed": "hashed indices",
}
KNOBS = {
    "ecq": "rate_weight", "vqad": "bits", "kmeans": "bits", "lra": "rank", "float16": "",
    "published": "bits", "hashed": "bits", **dict.fromkeys(ACCOUNTS, "bits"),
}  # fmt: skip

_WORKER, _WORK = Path(worker.__file__), Path(__file__).with_name("work.py")


class Failed(Exception):
    """A process that codes or decodes has failed; the message says how."""


@dataclass(frozen=True)
class Job:
    """A peer at a setting: its knob and, where it has them, further options."""

    peer: str
    setting: tuple[tuple[str, Any], ...]

    @staticmethod
    def of(peer: str, **setting: Any) -> Job:
        return Job(peer, tuple(sorted(setting.items())))

    @property
    def name(self) -> str:
        """For files: ``vqad_bits4_steps1000``."""
        parts = [self.peer, *(f"{key}{value}" for key, value in self.setting)]
        return "_".join(parts).replace(" ", "-")


class Bench:
    """Works on jobs of one field.

    Args:
        field, data: paths of the field, and of the data it was trained on and is measured on.
        output: the folder for files and records.
        environments: the folder of the array codecs' environments.
        views: every how-manieth held-out view is measured.
    """

    def __init__(
        self,
        field: str,
        data: str | None,
        output: Path,
        environments: Path,
        views: int = 1,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        self.path, self.data, self.output = field, data, output
        self.environments, self.seed, self.device = environments, seed, device
        for name in ("points", "quality"):
            (output / name).mkdir(parents=True, exist_ok=True)
        self.ruler = Ruler(self.field, data, output / "quality", views, device)
        self._made_of = {
            "field": inputs.digest(field),
            "data": None if data is None else inputs.digest(data),
            "views": views,
            "seed": seed,
            "device": device,
            "version": __version__,
        }

    @cached_property
    def field(self) -> Field:
        """The trained field."""
        return files.require_plain(self.path)

    def about(self, codec: str) -> Record:
        """Name, knob, values and versions of an array codec; Failed if it cannot be run."""
        return self._array_codec(codec, {})

    def records(self) -> list[Record]:
        """All finished records of this field, measured as this bench does."""
        found = []
        for path in sorted((self.output / "points").glob("*.json")):
            record = json.loads(path.read_text("utf-8"))
            same = all(record["made_of"].get(key) == each for key, each in self._made_of.items())
            if same and record["quality"] is not None:
                found.append(record)
        return found

    def run(self, job: Job) -> Record:
        """Do what is missing of ``job``; its record. Failed says what a process said."""
        record = self._read(job)
        if record is None:
            record = self._coded(job)
            self._write(job, record)
        return self._measured(job, record)

    def finished(self, jobs: Iterable[Job], left_out: dict[str, str]) -> Iterator[Record]:
        """Do ``jobs`` one after the other; what fails is said, and put in ``left_out``."""
        for job in jobs:
            start = time.perf_counter()
            try:
                record = self.run(job)
            except Failed as error:
                left_out[job.name] = str(error).splitlines()[-1]
                print(f"{job.name} failed:\n{error}", file=sys.stderr)
                continue
            metric = next(iter(self.ruler.metrics))
            print(
                f"{job.name}: {record['bytes']:,} bytes, {metric} "
                f"{record['quality'][metric]:.4g} ({time.perf_counter() - start:.0f} s)",
                flush=True,
            )
            yield record

    def take(self, path: Path) -> Record:
        """The record of a file that is coded already, rewritten by this version, no preview."""
        coded = coding.open(path)
        require_comparable(self.field, coded)
        job = job_of(dict(coded.metadata.get("encoding", {})))
        record = self._read(job)
        if record is None:
            self._work(
                {"do": "rewrite", "source": str(path), "written": {}, "out": self._file(job)}
            )
            record = self._record(job, None, {"taken": path.name})
            self._write(job, record)
        return self._measured(job, record)

    def _coded(self, job: Job) -> Record:
        """Make a job's file."""
        if job.peer in ACCOUNTS:
            return self._account(job)
        setting = dict(job.setting)
        if job.peer in peer_codecs.MODULES:
            (value,) = setting.values()
            with tempfile.TemporaryDirectory() as folder:
                arrays, out = f"{folder}/arrays.npz", f"{folder}/out"
                worker.save(skeleton.arrays_of(self.field), arrays)
                figures = self._array_codec(
                    job.peer, {"encode": arrays, "value": value, "out": out}
                )
                data = skeleton.wrap(skeleton.build(self.field), Path(out).read_bytes())
            Path(self._file(job)).write_bytes(data)
            return self._record(job, figures, {"libraries": figures["libraries"]})
        request = {
            "do": "encode", "field": self.path, "data": self.data, "method": job.peer,
            "options": setting, "seed": self.seed, "device": self.device,
            "resume": self._file(job) + ".resume", "out": self._file(job),
        }  # fmt: skip
        more: Record = {}
        if "switch" in setting:
            switch = SWITCHES[setting.pop("switch")]
            if switch.written:
                return self._rewritten(job, Job.of(job.peer, **setting), switch.written)
            request["stand_ins"] = dict(switch.stand_ins)
            request["one_lod"] = switch.one_lod
            more = {"knob": "bits"} if switch.bits else {}
        figures = self._work(request)
        Path(request["resume"]).unlink(missing_ok=True)
        return self._record(job, figures, more)

    def _account(self, job: Job) -> Record:
        """Another account of a method's file: in one layer, or as papers count."""
        method, account = ACCOUNTS[job.peer]
        base = Job(method, job.setting)
        if account == "paper":
            record = self.run(base)
            return {
                **record,
                "made_of": self._fingerprint(job),
                "peer": job.peer,
                "name": NAMES[job.peer],
                "bytes": coding.describe(self._file(base))["paper_bytes"],
            }
        return self._rewritten(job, base, {"layers": 1})

    def _rewritten(self, job: Job, base: Job, written: Mapping[str, Any]) -> Record:
        """The same field as ``base``'s, written with other options of ``coding.to_bytes``."""
        record = self.run(base)
        request = {"source": self._file(base), "written": dict(written), "out": self._file(job)}
        self._work({"do": "rewrite", **request})
        path = Path(self._file(job))
        return {
            **record,
            "made_of": self._fingerprint(job),
            "peer": job.peer,
            "name": NAMES[job.peer],
            "setting": dict(job.setting),
            "bytes": path.stat().st_size,
            "file": path.name,
            "quality": None,
        }

    def _measured(self, job: Job, record: Record) -> Record:
        """``record`` with decoding's time and the quality of what comes out of it."""
        if record["quality"] is not None:
            return record
        file = self.output / "points" / record["file"]
        with tempfile.TemporaryDirectory() as folder:
            decoded, seconds = self._decoded(job, file, Path(folder))
        record["decode_seconds"] = round(seconds, 4)
        record["quality"] = self.ruler.measure(decoded)
        self._write(job, record)
        return record

    def _decoded(self, job: Job, file: Path, folder: Path) -> tuple[Field, float]:
        """The field in ``file``, decoded in a fresh process, and the seconds that took."""
        if job.peer not in peer_codecs.MODULES:
            out = str(folder / "field.npz")
            figures = self._work({"do": "decode", "file": str(file), "out": out})
            return importers.load(out), figures["seconds"]
        start = time.perf_counter()
        frame, data = skeleton.unwrap(file.read_bytes())
        seconds = time.perf_counter() - start
        source, out = folder / "data", str(folder / "arrays.npz")
        source.write_bytes(data)
        shapes = skeleton.shapes_of(frame)._asdict()
        figures = self._array_codec(job.peer, {"decode": str(source), "shapes": shapes, "out": out})
        return skeleton.fill(frame, worker.load(out)), seconds + figures["seconds"]

    def _record(self, job: Job, figures: Mapping[str, Any] | None, more: Record) -> Record:
        path = Path(self._file(job))
        codec = job.peer in peer_codecs.MODULES
        return {
            "made_of": self._fingerprint(job),
            "commit": commit(),
            "peer": job.peer,
            "name": figures["name"] if codec and figures else NAMES[job.peer],
            "setting": dict(job.setting),
            "knob": figures["knob"] if codec and figures else KNOBS[job.peer],
            "file": path.name,
            "bytes": path.stat().st_size,
            "encode_seconds": figures and round(figures["seconds"], 3),
            "encode_cpu_seconds": figures and round(figures["cpu_seconds"], 3),
            "encode_peak_rss": figures and figures["peak_rss"],
            "decode_seconds": None,
            "quality": None,
            **more,
        }

    def _fingerprint(self, job: Job) -> Record:
        return {**self._made_of, "peer": job.peer, "setting": dict(job.setting)}

    def _file(self, job: Job) -> str:
        suffix = ".nfc" if job.peer in _NFC else ".bin"
        return str(self.output / "points" / (job.name + suffix))

    def _read(self, job: Job) -> Record | None:
        path = self.output / "points" / f"{job.name}.json"
        try:
            record: Record = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        there = (self.output / "points" / record["file"]).is_file()
        # Through JSON, as the record went: tuples are lists there.
        wanted = json.loads(json.dumps(self._fingerprint(job)))
        return record if there and record["made_of"] == wanted else None

    def _write(self, job: Job, record: Record) -> None:
        path = self.output / "points" / f"{job.name}.json"
        with writing(path, overwrite=True) as aside:
            aside.write_text(json.dumps(record, indent=1) + "\n", "utf-8")

    def _array_codec(self, codec: str, request: Record) -> Record:
        python = environments.python_of(self.environments, peer_codecs.MODULES[codec])
        if not python.is_file():
            raise Failed(f"no environment at {python}; benchmarks/peer_codecs/environments.py")
        return process([str(python), str(_WORKER)], {"codec": codec, **request})

    def _work(self, request: Record) -> Record:
        return process([sys.executable, str(_WORK)], request)


def job_of(encoding: Record) -> Job:
    """The job that a file of ours records under "encoding": its knob, its steps, and whatever
    else is not as the method has it by default."""
    method = str(encoding["method"])
    if method == PublishedVQAD.name:
        method = "published"
    cls = PublishedVQAD if method == "published" else quantize.method_class(method)
    setting = {}
    for option in dataclasses.fields(cls):
        value = encoding.get(option.name, option.default)
        wanted = option.name in (KNOBS[method], "steps") or value != option.default
        if wanted and value is not None:
            setting[option.name] = value
    return Job.of(method, **setting)


def process(command: list[str], request: Record) -> Record:
    """What a worker answers to ``request``; Failed with the end of its error output."""
    done = subprocess.run(
        command, input=json.dumps(request), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed((done.stderr or done.stdout).strip()[-1500:] or f"code {done.returncode}")
    found: Record = json.loads(done.stdout.strip().splitlines()[-1])
    return found
