"""The pickle machine: what Python's own unpickler gives, and nothing executed."""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import datetime
import decimal
import functools
import os
import pathlib
import pickle
import re
import subprocess
import uuid
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfcodec.errors import DamagedFileError, LimitError, NfcodecError
from nfcodec.untrusted import safe_pickle
from nfcodec.untrusted.safe_pickle import Global, Placeholder

ORDERED = {Global("collections", "OrderedDict"): lambda arguments: {}}

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
)
_KEYS = st.text(max_size=5) | st.integers(-5, 5)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.tuples()
        | st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_VALUES, st.sampled_from([3, 4, 5]))
def test_plain_values_come_back_as_python_reads_them(value: Any, protocol: int) -> None:
    result = safe_pickle.read(pickle.dumps(value, protocol), "x", {})
    assert result == value
    assert repr(result) == repr(value)


def test_protocol_2_as_torch_writes_it() -> None:
    value = {"a": [1, -2, 2**40, 2.5, "text", True, None, (1,), (1, 2), (1, 2, 3, 4), ()], "b": {}}
    assert safe_pickle.read(pickle.dumps(value, 2), "x", {}) == value


def test_integers_that_cannot_be_printed_are_refused() -> None:
    assert safe_pickle.read(pickle.dumps([2**4095], 2), "x", {}) == [2**4095]
    for number in (2**4096, -(10**5000)):
        with pytest.raises(DamagedFileError, match="an integer of"):
            safe_pickle.read(pickle.dumps([number], 2), "x", {})


def test_shared_and_ordered() -> None:
    shared = [1]
    value = collections.OrderedDict(a=shared, b=shared)
    read = safe_pickle.read(pickle.dumps(value, 4), "x", ORDERED)
    assert read == {"a": [1], "b": [1]}
    assert read["a"] is read["b"]


class _Runs:
    """Pickles to a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


class _Builds:
    def __setstate__(self, state: Any) -> None: ...

    def __getstate__(self) -> Any:
        return {"x": 1}


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (lambda mark: _Runs(os.system, f"touch {mark}"), "system"),
        (lambda mark: _Runs(exec, f"open({str(mark)!r}, 'w')"), "exec"),
        (lambda mark: _Runs(subprocess.check_call, ["touch", str(mark)]), "check_call"),
        (lambda mark: _Runs(getattr, "x", "upper"), "getattr"),
        (lambda mark: _Builds(), "_Builds"),
        (lambda mark: Path(mark), "athlib"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*runs commands")
def test_code_is_not_run_and_leaves_a_placeholder(
    tmp_path: Path, payload: Any, name: str, protocol: int
) -> None:
    mark = tmp_path / "ran"
    data = pickle.dumps({"weights": [1.0], "x": payload(mark)}, protocol)
    read = safe_pickle.read(data, "archive.pt", ORDERED)
    assert read["weights"] == [1.0]
    assert isinstance(read["x"], Placeholder)
    if protocol >= 2:
        assert name in f"{read['x'].name} {read['x'].arguments}"
    assert not mark.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"(S'x'\nios\nsystem\n.",
        b"(cos\nsystem\nS'x'\no.",
        b"\x80\x02(iposix\nsystem\n.",
        b"\x80\x02cbuiltins\nexec\nX\x01\x00\x00\x00x\x85R.",
        b"\x80\x02cbuiltins\nexec\n)}\x92.",
    ],
)
def test_commands_are_told_and_not_run(data: bytes) -> None:
    with pytest.warns(UserWarning, match=r"a\.pt: .*(system|exec).*nothing was run here"):
        assert isinstance(safe_pickle.read(data, "a.pt", ORDERED), Placeholder)


class _Dict(dict):  # type: ignore[type-arg]
    pass


@dataclasses.dataclass
class _Options:
    lr: float
    path: Path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_would_be_built_is_described(protocol: int) -> None:
    def read(value: Any) -> Any:
        return safe_pickle.read(pickle.dumps([value, "next"], protocol), "x", {})[0]

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing here runs a command
        assert read(_Options(0.5, Path("a"))).state["lr"] == 0.5
        assert read(_Dict(a=1)).items == {"a": 1}
        for value in (
            {1, 2}, frozenset("a"), collections.deque([1]), 1j, range(4), slice(3),
            datetime.datetime(2024, 5, 1), decimal.Decimal("0.1"), pathlib.PureWindowsPath("a"),
            np.float64(1.5), np.float32(1.5), np.int8(3), np.bool_(True), np.str_("a"),
            np.datetime64("2024-05-01"), np.complex64(1j), np.arange(3), np.dtype("f4"),
            argparse.Namespace(a=1), uuid.UUID(int=1), functools.partial(int), int, re.compile("a"),
        ):  # fmt: skip
            read(value)
        (key,) = read({(0, 1): 2})
        assert isinstance(key, Placeholder)


def test_keys_that_would_take_forever_to_hash_are_not_hashed() -> None:
    """A tuple of two of a tuple of two of ..., 60 times."""
    data = b"\x80\x02)q\x000" + b"h\x00h\x00\x86q\x000" * 60 + b"}h\x00Ns."
    (key,) = safe_pickle.read(data, "x", {})
    assert isinstance(key, Placeholder)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"\x80\x02",
        b"N",
        b"\x80\x02}q\x00",
        b"\x80\x04\x94.",
        b"\x80\x02h\x07.",  # a memo that was never written
        b"\x80\x02(u.",
        b"\x80\x02(N.",
        b"\x80\x02}(K\x01u.",  # a key without a value
        b"\x80\x02K\x01)R.",  # a call of a number
        b"\x80\x02K\x01}b.",  # attributes of a number
        b"\x80\x05\x97.",  # a buffer from elsewhere
        b"\x80\x02]K\x01s.",
        b"\x80\x02K\x01N\x86R.",
        b"\x80\x02K\x01Q.",  # a persistent id where there are none
        b"\x80\x04K\x01K\x02\x93.",  # a global whose name is a number
        b"\x80\x02X\xff\xff\xff\xffabc.",
        b"\x80\x02\x8b\xff\xff\xff\x7f.",
        b"\xff\xff",
    ],
)
def test_malformed_pickles(data: bytes) -> None:
    with pytest.raises(DamagedFileError):
        safe_pickle.read(data, "x", ORDERED)


def test_every_cut_of_a_pickle_is_damaged() -> None:
    value = {"a": [1, 2.5, "text", (None, True)], "b": collections.OrderedDict(c=b"bytes")}
    data = pickle.dumps(value, 4)
    for end in range(len(data)):
        with pytest.raises(DamagedFileError):
            safe_pickle.read(data[:end], "x", ORDERED)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_our_error(data: bytes) -> None:
    with contextlib.suppress(NfcodecError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        safe_pickle.read(b"\x80\x04" + data, "x", ORDERED)


def test_a_huge_memo_index_costs_nothing() -> None:
    data = b"\x80\x02K\x05r\xff\xff\xff\xff0j\xff\xff\xff\xff."
    assert safe_pickle.read(data, "x", {}) == 5


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_pickle, "MAX_OPERATIONS", 10)
    with pytest.raises(LimitError, match="steps"):
        safe_pickle.read(b"\x80\x02" + b"N0" * 20 + b"N.", "x", {})
    monkeypatch.setattr(safe_pickle, "MAX_PICKLE_BYTES", 10)
    with pytest.raises(LimitError, match="bytes"):
        safe_pickle.read(b"\x80\x02" + b"N0" * 20 + b"N.", "x", {})
