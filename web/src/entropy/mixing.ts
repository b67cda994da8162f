import type { Payload } from "../container/payload.js";

/** 65536 / (1 + exp(-x)) at x = -8, -7.5 ... 8 (specification, section 8). */
const LOGISTIC = [
  22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
  40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476,
  65500, 65514,
];

/** Contexts in which every decision is looked at. */
const INPUTS = 6;
/** The least counts of the kinds of slots, behind the first. */
const KINDS = [1, 2, 3, 5, 10, 25, 80];

/** The probability of 65536 of each logit, plus 2048. */
const SQUASH = Int32Array.from({ length: 4096 }, (_, v) => {
  const part = v & 127;
  return (LOGISTIC[v >> 7] * (128 - part) + LOGISTIC[(v >> 7) + 1] * part + 64) >> 7;
});
/** The least logit of at least each probability of 4096. */
const STRETCH = new Int16Array(4096).fill(2047);
for (let logit = 2047; logit >= -2047; logit--) {
  const low = logit > -2047 ? (SQUASH[logit + 2047] >> 4) + 1 : 0;
  for (let p = low; p <= SQUASH[logit + 2048] >> 4; p++) STRETCH[p] = logit;
}
const RATE = Int32Array.from({ length: 256 }, (_, seen) => Math.floor(20480 / (10 * seen + 16)));
const KIND = Int32Array.from(
  { length: 256 },
  (_, seen) => KINDS.filter((least) => seen >= least).length,
);

/**
 * Yes-no decisions under a mixture of adaptive counts, read from a range coder's bytes: all in
 * integers of 32 bits.
 */
export class Mixer {
  private readonly payload: Payload;
  private readonly bytes: Uint8Array;
  private next = 4;
  /** The coder's value and the size of its range; fields of the object would be boxed. */
  private readonly state = Uint32Array.of(0, 0xffffffff);
  private readonly slots: Int32Array;
  private readonly weights: Int32Array;
  private readonly corrections: Int32Array;

  /** Starts at a `u32 B` and its bytes; `sets` of weights, `kinds` of decisions. */
  constructor(payload: Payload, slots: number, sets: number, kinds: number) {
    this.payload = payload;
    this.bytes = payload.byteArray(payload.u32());
    const [a, b, c, d] = this.bytes;
    this.state[0] = (a << 24) | (b << 16) | (c << 8) | d;
    if (this.bytes.length < 4 || this.state[0] === 0xffffffff) {
      payload.reject("bytes of a range coder cannot begin like this");
    }
    this.slots = new Int32Array(slots);
    this.weights = new Int32Array(sets * INPUTS * 8);
    this.corrections = new Int32Array(33 * kinds);
    this.reset();
  }

  /** Forgets what has been seen; the bytes go on. */
  reset(): void {
    this.slots.fill(1 << 27);
    this.weights.fill(4096);
    this.corrections.forEach((_, i, corrections) => (corrections[i] = LOGISTIC[i % 33]));
  }

  /**
   * The next decision, 0 or 1, whose inputs are at the slots a..f: one statement for each, because
   * a loop takes twice as long.
   */
  decide(
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
    set: number,
    kind: number,
  ): number {
    const { slots, weights, corrections, state, bytes } = this;
    const stretch = STRETCH;
    const kinds = KIND;
    const rates = RATE;
    const row = set * INPUTS * 8;
    const slotA = slots[a];
    const slotB = slots[b];
    const slotC = slots[c];
    const slotD = slots[d];
    const slotE = slots[e];
    const slotF = slots[f];
    const logitA = stretch[slotA >> 16];
    const logitB = stretch[slotB >> 16];
    const logitC = stretch[slotC >> 16];
    const logitD = stretch[slotD >> 16];
    const logitE = stretch[slotE >> 16];
    const logitF = stretch[slotF >> 16];
    const usedA = row + kinds[slotA & 255];
    const usedB = row + 8 + kinds[slotB & 255];
    const usedC = row + 16 + kinds[slotC & 255];
    const usedD = row + 24 + kinds[slotD & 255];
    const usedE = row + 32 + kinds[slotE & 255];
    const usedF = row + 40 + kinds[slotF & 255];
    const total =
      (Math.imul(weights[usedA], logitA) +
        Math.imul(weights[usedB], logitB) +
        Math.imul(weights[usedC], logitC) +
        Math.imul(weights[usedD], logitD) +
        Math.imul(weights[usedE], logitE) +
        Math.imul(weights[usedF], logitF)) |
      0;
    const mean = Math.min(Math.max(total >> 14, -2047), 2047) + 2048;
    const p = SQUASH[mean];
    const part = mean & 127;
    let column = kind * 33 + (mean >> 7);
    const corrected =
      (Math.imul(corrections[column], 128 - part) + Math.imul(corrections[column + 1], part)) >> 7;
    const chance = Math.min(Math.max((p + corrected + 1) >> 1, 16), 65520);

    let value = state[0];
    let range = state[1];
    const bound = Math.imul(range >>> 16, chance) >>> 0;
    let bit = 0;
    if (value < bound) {
      bit = 1;
      range = bound;
    } else {
      value -= bound;
      range -= bound;
    }
    while (range < 0x1000000) {
      range = (range << 8) >>> 0;
      value = ((value << 8) | (this.next < bytes.length ? bytes[this.next] : 0)) >>> 0;
      this.next++;
    }
    state[0] = value;
    state[1] = range;

    if (part >= 64) column++;
    corrections[column] += (65535 * bit - corrections[column]) >> 6;
    const error = (bit << 16) - p;
    const target = 1048575 * bit;
    weights[usedA] = learned(weights[usedA], logitA, error);
    weights[usedB] = learned(weights[usedB], logitB, error);
    weights[usedC] = learned(weights[usedC], logitC, error);
    weights[usedD] = learned(weights[usedD], logitD, error);
    weights[usedE] = learned(weights[usedE], logitE, error);
    weights[usedF] = learned(weights[usedF], logitF, error);
    slots[a] = counted(slotA, target, rates);
    slots[b] = counted(slotB, target, rates);
    slots[c] = counted(slotC, target, rates);
    slots[d] = counted(slotD, target, rates);
    slots[e] = counted(slotE, target, rates);
    slots[f] = counted(slotF, target, rates);
    return bit;
  }

  /**
   * Down a tree from `node` to a symbol below `numSymbols`, by a decision of its own kind at each
   * inner node, of which `children` has two each. a..f: where the slots of each input begin, one for
   * each inner node.
   */
  descend(
    children: Uint16Array,
    numSymbols: number,
    node: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
  ): number {
    for (let depth = 0; node >= numSymbols; depth++) {
      const j = node - numSymbols;
      const set = depth < 3 ? depth : 3;
      node = children[2 * j + this.decide(a + j, b + j, c + j, d + j, e + j, f + j, set, j)];
    }
    return node;
  }

  /** Nothing is left of the value or of the bytes. */
  finish(): void {
    if (this.state[0] !== 0 || this.next !== this.bytes.length) {
      this.payload.reject("its range coder's bytes do not end where its decisions do");
    }
  }
}

/** A weight after a decision. */
function learned(weight: number, logit: number, error: number): number {
  const next = (weight + ((Math.imul(logit, error) + 65536) >> 17)) | 0;
  return next > 131071 ? 131071 : next < -131071 ? -131071 : next;
}

/** A slot after a decision: its probability a step closer to `target`, its count one more. */
function counted(slot: number, target: number, rates: Int32Array): number {
  const seen = slot & 255;
  const old = slot >> 8;
  const now = old + (Math.imul(target - old, rates[seen]) >> 11);
  return (now << 8) | (seen < 80 ? seen + 1 : 80);
}
