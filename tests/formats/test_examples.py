"""The numbers of the specification's examples, and the files of every form."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from formats import make_vectors
from formats.making import coders, examples, forms
from nfcodec import coding
from nfcodec.entropy import ans, mixing, tables
from nfcodec.evaluate.reference import evaluate
from tests.formats.by_spec import Decoder
from tests.formats.test_specification import check

FORMS: list[dict[str, Any]] = json.loads(forms.PATH.read_text("utf-8"))


def test_the_document_is_what_is_made_of_it() -> None:
    assert examples.DOCUMENT.read_text("utf-8") == examples.document()


def test_the_file_that_is_shown_is_sound() -> None:
    field = coding.open(examples.file().put_together())
    corner, middle = evaluate(field, [[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0]])[:, 0]
    assert (corner, middle) == (1.0, 2.75)


def test_plain_coders_are_those_of_the_decoder() -> None:
    levels = np.array(examples.LEVELS, np.uint8)
    frequencies = tables.frequencies(levels)
    assert frequencies.tolist() == coders.frequencies(examples.LEVELS)
    row = np.array(examples.ROW)
    words = ans.encode(row, ans.Model(frequencies)).tolist()
    assert words == coders.ans_encode(examples.ROW, frequencies.tolist())
    states = coders.ans_states(words, len(row), frequencies.tolist())
    assert [symbol for symbol, _ in states[1:]] == examples.ROW
    assert states[-1][1] == 0
    mixer = mixing.new_mixer(1, 1, 1)
    assert mixer.squash.tolist()[1:] == [coders.squash(x) for x in range(-2047, 2048)]
    assert mixer.stretch.tolist()[::64] == [coders.stretch(q) for q in range(0, 4096, 64)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["what"])
def test_files_of_every_form(form: dict[str, Any]) -> None:
    data = base64.b64decode(form["file"])
    field = coding.open(data)
    found = json.loads(json.dumps(make_vectors.expected(field)))
    assert {key: found[key] for key in form["decoded"]} == form["decoded"]
    check(field, Decoder(data))


def test_forms_are_made_as_they_are_stored() -> None:
    assert [(form["what"], base64.b64decode(form["file"])) for form in FORMS] == [*forms.files()]
