"""The list of rules, the files that break them, and the answers of the decoder are one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from formats.making import refused, rules

LETTERS = sorted({code[0] for code in rules.read()})


def files(letter: str) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads(
        (refused.FOLDER / f"{letter}.json").read_text("utf-8")
    )
    return listed


def test_the_list_is_in_order_and_without_gaps() -> None:
    numbers: dict[str, list[int]] = {}
    for rule in rules.read().values():
        assert rule.answer in rules.ANSWERS, rule
        numbers.setdefault(rule.code[0], []).append(int(rule.code[1:]))
    assert set(numbers) >= set("FCHPTSLV")
    for letter, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), letter


def test_each_rule_has_a_file() -> None:
    broken = {file["rule"] for letter in LETTERS for file in files(letter)}
    assert broken == set(rules.read())


@pytest.mark.parametrize("letter", LETTERS)
def test_each_file_gets_the_answer_of_its_rule(letter: str) -> None:
    known = rules.read()
    wanted, found = {}, {}
    for i, file in enumerate(files(letter)):
        rule = known[file["rule"]]
        assert (file["section"], file["answer"]) == (rule.section, rule.answer)
        name = f"{rule.code} {file['what']} {i}"
        wanted[name] = rule.answer
        found[name] = refused.answer(base64.b64decode(file["file"]))[0]
    assert found == wanted


def test_no_file_is_large_and_none_is_there_twice() -> None:
    def each() -> Iterator[str]:
        for letter in LETTERS:
            yield from (file["file"] for file in files(letter))

    stored = list(each())
    assert len(set(stored)) == len(stored)
    assert max(map(len, stored)) < 70_000
