"""The entropy coders of the specification in plain integers, both ways, for its examples."""

from __future__ import annotations

from dataclasses import dataclass, field

_LOGISTIC = (
    22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
    40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438,
    65476, 65500, 65514,
)  # fmt: skip


def weight(level: int) -> int:
    """The weight of a table level."""
    return level if level < 8 else (4 + (level & 3)) << ((level >> 2) - 1)


def frequencies(levels: list[int]) -> list[int]:
    """What a table of ``levels`` gives each symbol of 2^24."""
    weights = [weight(level) for level in levels]
    found = [(w << 24) // sum(weights) for w in weights]
    found[weights.index(max(weights))] += (1 << 24) - sum(found)
    return found


def ans_encode(symbols: list[int], freq: list[int]) -> list[int]:
    """The words of ``symbols``: the last symbol first, words from the end."""
    state, words = 0, []
    for symbol in reversed(symbols):
        if state >= freq[symbol] << 40:
            words.append(state & 0xFFFFFFFF)
            state >>= 32
        state = state // freq[symbol] << 24 | sum(freq[:symbol]) + state % freq[symbol]
    while state:
        words.append(state & 0xFFFFFFFF)
        state >>= 32
    return words[::-1]


def ans_states(words: list[int], count: int, freq: list[int]) -> list[tuple[int, int]]:
    """(symbol, state after it) of a decoder, after (-1, the state at the start)."""
    left, state, found = list(words), 0, []
    while state < 1 << 32 and left:
        state = state << 32 | left.pop(0)
    found.append((-1, state))
    for _ in range(count):
        q = state & 0xFFFFFF
        symbol = next(s for s in range(len(freq)) if q < sum(freq[: s + 1]))
        state = freq[symbol] * (state >> 24) + q - sum(freq[:symbol])
        if state < 1 << 32 and left:
            state = state << 32 | left.pop(0)
        found.append((symbol, state))
    return found


def squash(x: int) -> int:
    """The probability of 65536 of a logit."""
    i, f = (x + 2048) >> 7, (x + 2048) & 127
    return (_LOGISTIC[i] * (128 - f) + _LOGISTIC[i + 1] * f + 64) >> 7


def stretch(q: int) -> int:
    """The least logit whose probability is not below ``q`` of 4096."""
    return next((x for x in range(-2047, 2048) if squash(x) >> 4 >= q), 2047)


@dataclass
class Encoder:
    """Writes bits with chances: ``low`` is the whole number so far, of 4 + ``moved`` bytes."""

    low: int = 0
    range: int = (1 << 32) - 1
    moved: int = 0

    def put(self, bit: int, chance: int) -> None:
        """One bit that is 1 with ``chance`` of 65536."""
        bound = (self.range >> 16) * chance
        if bit:
            self.range = bound
        else:
            self.low += bound
            self.range -= bound
        while self.range < 1 << 24:
            self.low, self.range, self.moved = self.low << 8, self.range << 8, self.moved + 1

    def finish(self) -> bytes:
        """All bytes."""
        return self.low.to_bytes(4 + self.moved, "big")


@dataclass
class Decision:
    """One step of the model, for a table: what it is looked at in, and what comes of it."""

    node: int
    logits: list[int]
    mixed: int
    chance: int
    bit: int


@dataclass
class Mixer:
    """The model of mixed counts, written from the text."""

    slots: dict[tuple[object, ...], tuple[int, int]] = field(default_factory=dict)
    weights: dict[tuple[int, int, int], int] = field(default_factory=dict)
    corrections: dict[int, list[int]] = field(default_factory=dict)

    def decide(self, node: int, chosen: int, contexts: list[object], bit: int) -> Decision:
        """Look at a decision of kind ``node`` in ``contexts`` under set ``chosen``, and learn."""
        keys = [(i, context, node) for i, context in enumerate(contexts)]
        slots = [self.slots.get(key, (1 << 19, 0)) for key in keys]
        kinds = [sum(n >= least for least in (1, 2, 3, 5, 10, 25, 80)) for _, n in slots]
        places = [(chosen, i, kind) for i, kind in enumerate(kinds)]
        weights = [self.weights.get(place, 4096) for place in places]
        logits = [stretch(p >> 8) for p, _ in slots]
        mixed = sum(w * x for w, x in zip(weights, logits, strict=True)) >> 14
        mixed = min(max(mixed, -2047), 2047)
        plain, j, f = squash(mixed), (mixed + 2048) >> 7, (mixed + 2048) & 127
        z = self.corrections.setdefault(node, list(_LOGISTIC))
        corrected = (z[j] * (128 - f) + z[j + 1] * f) >> 7
        chance = min(max((plain + corrected + 1) >> 1, 16), 65520)
        z[j + (f >> 6)] += (65535 * bit - z[j + (f >> 6)]) >> 6
        for place, w, x in zip(places, weights, logits, strict=True):
            w += (x * (65536 * bit - plain) + 65536) >> 17
            self.weights[place] = min(max(w, -131071), 131071)
        for key, (p, n) in zip(keys, slots, strict=True):
            p += ((1048575 * bit - p) * (20480 // (10 * n + 16))) >> 11
            self.slots[key] = p, min(n + 1, 80)
        return Decision(node, logits, mixed, chance, bit)


def tree(weights: list[int]) -> tuple[list[tuple[int, int]], int]:
    """Children (of bit 0, of bit 1) of the inner nodes of one group, and the root."""
    nodes = [(w, s) for s, w in enumerate(weights) if w]
    children: list[tuple[int, int]] = []
    while len(nodes) > 1:
        nodes.sort()
        (one, first), (other, second), *nodes = nodes
        children.append((second, first))
        nodes.append((one + other, len(weights) + len(children) - 1))
    return children, nodes[0][1]


def paths(children: list[tuple[int, int]], root: int, codes: int) -> dict[int, list[int]]:
    """The bits from the root to each code."""
    found: dict[int, list[int]] = {}
    todo: list[tuple[int, list[int]]] = [(root, [])]
    while todo:
        node, bits = todo.pop()
        if node < codes:
            found[node] = bits
        else:
            todo += [(child, [*bits, bit]) for bit, child in enumerate(children[node - codes])]
    return found


def row_of_codes(codes: list[int], levels: list[int]) -> tuple[list[Decision], bytes]:
    """The decisions and bytes of ``codes`` in one row of a dense level, in one group."""
    weights = [weight(level) for level in levels]
    children, root = tree(weights)
    bits_of = paths(children, root, len(levels))
    top = weights.index(max(weights))
    mixer, coder, found = Mixer(), Encoder(), []
    for x, code in enumerate(codes):
        before = codes[x - 1] if x else None
        follows = int(x + 1 < len(codes))
        unusual = int(before is not None and before != top)
        contexts: list[object] = [0, (before, follows), (None, 0), (None, 0), (unusual, 0), 255]
        node = root
        for depth, bit in enumerate(bits_of[code]):
            inner = node - len(levels)
            decision = mixer.decide(inner, min(depth, 3), contexts, bit)
            coder.put(bit, decision.chance)
            found.append(decision)
            node = children[inner][bit]
    return found, coder.finish()
