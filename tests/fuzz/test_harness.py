"""The harness sees what it is there to see."""

from __future__ import annotations

import zlib
from random import Random

import pytest

from tests.fuzz import batches, edits, hdf5, nfc_files, registry
from tests.fuzz.supervise import Worker
from tests.fuzz.target import inputs
from tests.fuzz.targets import nfc
from tests.fuzz.targets.planted import FAULTS

WANTED = {
    "wrong error": "KeyError: 'x'",
    "wrong code": "exit code 2",
    "recursion": "RecursionError behind DamagedFileError",
    "slow": "took over 0.2 s",
    "memory": "MemoryError",
    "crash": "signal 11",
    "hang": "hangs",
    "exit": "ended it (1)",
}


@pytest.mark.slow
def test_every_kind_of_fault_is_found_and_blamed_on_its_input() -> None:
    with Worker(patience=0.8) as worker:
        tally = worker.run("planted", 1, 0, len(FAULTS))
        found = {FAULTS[finding.index]: finding.fault for finding in tally.findings}
        assert found.keys() == WANTED.keys()
        for name, fault in found.items():
            assert WANTED[name] in fault, (name, fault)
        assert sum(tally.answers.values()) == len(FAULTS)
        assert tally.answers["accepted"] == tally.answers["DamagedFileError"] - 1 == 1
        again = worker.run("planted", 1, 0, 2)  # the worker that follows works
        assert again.answers == {"accepted": 1, "DamagedFileError": 1}


def test_a_decoder_that_disagrees_is_found() -> None:
    target = registry.target("nfc")
    good = next(iter(target.seeds.values()))

    def other(answer: str, digest: int = 0) -> str | None:
        from tests.fuzz.node import Answer
        from tests.fuzz.target import examine

        assert target.differs
        return target.differs(good, examine(target, good), Answer(answer, digest, 0.0))

    assert "differently" in str(other("accepted", 1))
    assert "Python: accepted, TypeScript: damaged" in str(other("damaged"))
    assert "unsupported" in str(other("unsupported"))
    assert "no error of its own" in str(other("crashed"))


def test_mutants_are_the_same_every_time_and_mostly_new() -> None:
    for name in registry.MODULES:
        target = registry.target(name)
        first = [data for _, data in inputs(target, 3, 100, 40)]
        assert first == [data for _, data in inputs(target, 3, 100, 40)], name
        assert first[10:] == [data for _, data in inputs(target, 3, 110, 30)], name
        assert len(set(first)) > 25, name
        assert not set(first) & set(target.seeds.values()) or len(set(first)) > 30, name


def test_damage_lies_behind_right_checksums() -> None:
    """Of mutants of ``.nfc`` files hardly any is refused for a checksum."""
    refused = [str(error) for error in map(_error, range(300)) if error]
    assert len(refused) > 100
    assert sum("checksum" in message for message in refused) == 0
    reasons = {message.split(":")[-1][:40] for message in refused}
    assert len(reasons) > 60


def _error(index: int) -> Exception | None:
    from nfcodec import coding
    from nfcodec.errors import NfcodecError

    try:
        coding.open(nfc.mutant(Random(index)))
    except NfcodecError as error:
        return error
    return None


def test_parts_make_the_same_file_again() -> None:
    for name, data in nfc.seeds().items():
        parts = nfc_files.parts(data)
        assert nfc_files.assemble(parts.header, parts.chunks, parts.minor) == data, name


def test_checksums_of_hdf5() -> None:
    # The hash of the reference implementation's own self-test (lookup3.c, driver5).
    assert hdf5.lookup3(b"") == 0xDEADBEEF
    assert hdf5.lookup3(b"Four score and seven years ago") == 0x17770551
    data = registry.target("hdf5").seeds["new"]
    assert hdf5.repaired(data) == data
    broken = bytearray(data)
    at = data.index(b"OHDR") + 5
    broken[at + 30] ^= 1
    assert hdf5.repaired(bytes(broken)) != bytes(broken)


def test_trees_are_edited_on_a_copy() -> None:
    tree = {"a": [1, 2.5, "b", {"c": None}], "d": True}
    made = [edits.tree(tree, Random(i)) for i in range(300)]
    assert tree == {"a": [1, 2.5, "b", {"c": None}], "d": True}
    assert len({zlib.crc32(repr(each).encode()) for each in made}) > 140


def test_findings_of_one_cause_count_as_one() -> None:
    one = batches.Finding("obj", 1, 5, "KeyError: 'a'", "data/meshes.py:load")
    assert one.cause == batches.Finding("obj", 1, 9, "KeyError: 'a'", "data/meshes.py:load").cause
