import type { Entries } from "../container/entries.js";
import type { Lattice } from "../entropy/lattice.js";
import type { Payload } from "../container/payload.js";
import type { Work } from "../container/work.js";
import type { Members } from "../shaders/tables.js";
import type { Code } from "../types.js";
import type { Memory } from "../layouts/layout.js";

/** The key of a level's code in the header. */
export const CODE_KEY = 3;

/** The sections of a level's vectors in GPU memory, in the order in which they are placed. */
export type Section = "codes" | "vectors" | "basis";

/** What a coder may look at beside a level's own vectors. */
export interface Around {
  readonly rows: number;
  readonly features: number;
  readonly lattice: Lattice;
  /** Morton codes of the voxels between the sites; `null` if all are there. */
  readonly voxels: Uint32Array | null;
  readonly work: Work;
  /** The code of the level before, by position; `null` if it has not been read. */
  readonly before: Code | null;
}

/** What a code answers for itself. Nobody else asks which code a level has. */
export interface CodeType<
  F extends { readonly kind: string },
  C extends { readonly kind: string },
> {
  /** The frozen id in the header. */
  readonly tag: number;
  readonly kind: C["kind"];

  /** What the header says of it. */
  readForm(entries: Entries, features: number): F;
  /** Reads a level's vectors, or their first layer. */
  read(payload: Payload, form: F, around: Around): C;
  /** In how many layers it arrives. */
  layers(form: F): number;
  /** Reads layer `layer`, from 1, of a code that arrives in layers. */
  refine(payload: Payload, form: F, before: C, layer: number, around: Around): C;
  /** Bytes that it takes, by the estimate of the specification. */
  memory(form: F, rows: number, features: number): Memory;

  /** How it lies in GPU memory; the same as in `nfcodec/render/gpu/codes.py`. */
  readonly gpu: {
    /** What the table says of it (`struct Level` of `tables.json`). */
    members(form: F, features: number): Members;
    /** Words of each section, known before the code arrives. */
    lengths(form: F, rows: number, features: number): readonly (readonly [Section, number])[];
    /** The words of each section; what is shorter than planned is followed by zeros. */
    words(code: C, features: number): readonly (readonly [Section, Uint32Array<ArrayBuffer>])[];
  };
}

/** Words that so many halves take. */
export function pairs(channels: number): number {
  return Math.ceil(channels / 2);
}

/** Rows of `width` float16 as words of two, each row from a new word on. */
export function halfWords(rows: Uint16Array, width: number): Uint32Array<ArrayBuffer> {
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
