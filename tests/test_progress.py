"""Parts that report as one whole."""

from __future__ import annotations

from nfcodec.progress import Whole


class Heard:
    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def start(self, label: str, total: int, done: int = 0) -> None:
        self.calls.append(("start", label, total, done))

    def update(self, done: int, **figures: float) -> None:
        self.calls.append(("update", done, figures))

    def finish(self) -> None:
        self.calls.append(("finish",))


def test_parts_report_as_one_piece_of_work() -> None:
    heard = Heard()
    whole = Whole(heard, "all", 10)
    for behind, steps in ((0, 4), (4, 6)):
        part = whole.part(behind)
        part.start("part", steps, 3 if behind == 0 else 0)
        part.update(steps, loss=1.0)
        part.finish()
    whole.finish()
    assert heard.calls == [
        ("start", "all", 10, 3),
        ("update", 4, {"loss": 1.0}),
        ("update", 10, {"loss": 1.0}),
        ("finish",),
    ]
