/**
 * Codes on a GPU: what the table says of one, and its words, as they are stored. The same as
 * `nfcodec/render/gpu/codes.py`; a code that is not rows of halves has a case in `codes.wgsl`.
 */

import type { Code, CodeForm } from "../codec/types.js";
import { tag, type Members } from "./tables.js";

type Words = Uint32Array<ArrayBuffer>;
/** The sections of a level's vectors, in the order in which they are placed. */
export type Section = "codes" | "vectors" | "basis";
type Form<K> = Extract<CodeForm, { kind: K }>;

/** How a level's vectors lie in GPU memory. */
interface CodePart<K> {
  /** What the table says of them (`struct Level` of `tables.json`). */
  members(form: Form<K>, features: number): Members;
  /** Words of each section, known before the code arrives. */
  lengths(form: Form<K>, rows: number, features: number): readonly (readonly [Section, number])[];
  /** The words of each section; what is shorter than planned is followed by zeros. */
  words(code: Extract<Code, { kind: K }>, features: number): readonly (readonly [Section, Words])[];
}

const float16: CodePart<"float16"> = {
  members: (_, features) => ({ code_tag: tag("CODE", "float16"), pitch: pairs(features) }),
  lengths: (_, rows, features) => [["vectors", rows * pairs(features)]],
  words: ({ values }, features) => [["vectors", halfWords(values, features)]],
};

const vq: CodePart<"vq"> = {
  members: ({ bits }, features) => ({ code_tag: tag("CODE", "vq"), bits, pitch: pairs(features) }),
  lengths({ bits, numCodes }, rows, features) {
    // An index that straddles two words is read with the next word: the last needs a spare one.
    const spare = 32 % bits !== 0 ? 1 : 0;
    return [
      ["codes", Math.ceil((rows * bits) / 32) + spare],
      ["vectors", numCodes * pairs(features)],
    ];
  },
  words: ({ packed, codebook }, features) => [
    ["codes", new Uint32Array(packed)],
    ["vectors", halfWords(codebook, features)],
  ],
};

const lowrank: CodePart<"lowrank"> = {
  members: ({ rank }) => ({ code_tag: tag("CODE", "lowrank"), rank, pitch: pairs(rank) }),
  lengths: ({ rank }, rows, features) => [
    ["vectors", rows * pairs(rank)],
    ["basis", (1 + rank) * pairs(features)],
  ],
  words({ rank, mean, basis, coefficients }, features) {
    const both = new Uint16Array(mean.length + basis.length);
    both.set(mean);
    both.set(basis, mean.length);
    return [
      ["vectors", halfWords(coefficients, rank)],
      ["basis", halfWords(both, features)],
    ];
  },
};

const PARTS: { readonly [K in Code["kind"]]: CodePart<K> } = { float16, vq, lowrank };

/** How vectors of a code lie in GPU memory. */
export function codePart<K extends Code["kind"]>(kind: K): CodePart<K> {
  return PARTS[kind] as unknown as CodePart<K>;
}

function pairs(channels: number): number {
  return Math.ceil(channels / 2);
}

/** Rows of `width` float16 as words of two, each row from a new word on. */
export function halfWords(rows: Uint16Array, width: number): Words {
  const pitch = width + (width & 1);
  const count = rows.length / width;
  const halves = new Uint16Array(count * pitch);
  if (pitch === width) {
    halves.set(rows);
  } else {
    for (let row = 0; row < count; row++) {
      halves.set(rows.subarray(row * width, (row + 1) * width), row * pitch);
    }
  }
  return new Uint32Array(halves.buffer);
}
