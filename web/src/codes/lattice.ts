import type { Entries } from "../container/entries.js";
import { floatsToHalves } from "../container/half.js";
import { halved, readLattices, type Octave, type Sides, type Start } from "../entropy/octaves.js";
import { damaged } from "../errors.js";
import { LIMITS } from "../limits.js";
import { tag } from "../shaders/tables.js";
import type { CodeForm, LatticeCode } from "../types.js";
import { CODE_KEY, halfWords, pairs, type CodeType } from "./code.js";

type Form = Extract<CodeForm, { kind: "lattice" }>;

const MAX_OCTAVES = 17;
const MAX_STEP = 1 << 24;

/** Integers on a dense lattice, predicted from coarser ones. */
export const lattice: CodeType<Form, LatticeCode> = {
  tag: 3,
  kind: "lattice",

  readForm(entries) {
    const items = entries.array(CODE_KEY);
    const octaves = (items.length - 4) / 2;
    if (!Number.isInteger(octaves) || octaves < 1 || octaves > MAX_OCTAVES) {
      damaged(`${entries.where}: ${items.length} items in the code of a lattice`);
    }
    const unit = single(entries, 1);
    const offset = single(entries, 2);
    if (unit <= 0) damaged(`${entries.where}: a unit of ${unit}`);
    const continues = items[3];
    if (typeof continues !== "boolean") damaged(`${entries.where}: whether a lattice goes on`);
    const numbers = items.slice(4).map((_, i) => {
      const value = entries.item(CODE_KEY, 4 + i, 0);
      if (value > MAX_STEP) damaged(`${entries.where}: a step or reach of ${value}`);
      return value;
    });
    const found: Octave[] = Array.from({ length: octaves }, (_, o) => ({
      step: numbers[2 * o],
      reach: numbers[2 * o + 1],
    }));
    if (!continues && found[0].step === 0) damaged(`${entries.where}: a first step of 0`);
    return { kind: "lattice", unit, offset, continues, octaves: found };
  },

  read(payload, form, { rows, features, lattice: { nz, ny, nx }, before, work }) {
    const { octaves, unit, offset } = form;
    const sides: Sides = [nz, ny, nx];
    if (nz * ny * nx !== rows) payload.reject("a lattice with gaps");
    let starts: (Start | null)[] = Array.from({ length: features }, () => null);
    if (form.continues) {
      const wanted = halved(sides, octaves.length);
      if (before?.kind !== "lattice") {
        return payload.reject("a lattice goes on from a level that is none");
      }
      const same = before.sides.every((side, axis) => side === wanted[axis]);
      if (!same || before.values.length !== features) {
        payload.reject("a lattice goes on from one of other sides or features");
      }
      const { lastStep: step } = before;
      starts = before.values.map((values) => ({ values, sides: wanted, step }));
    }
    const values = readLattices(payload, octaves, sides, starts, work);
    const lastStep = octaves.reduce((step, octave) => octave.step || step, starts[0]?.step ?? 0);
    return { kind: "lattice", unit, offset, sides, lastStep, values };
  },
  layers: () => 1,
  refine: (payload) => payload.reject("a lattice in layers"),
  memory: (_, rows, features) => ({
    held: 4 * LIMITS.memory.value * rows * features,
    step: 4 * LIMITS.memory.value * rows,
  }),

  gpu: {
    members: (_, features) => ({ code_tag: tag("CODE", "float16"), pitch: pairs(features) }),
    lengths: (_, rows, features) => [["vectors", rows * pairs(features)]],
    words: (code, features) => [["vectors", halfWords(floatsToHalves(rowsOf(code)), features)]],
  },
};

/** The vectors of a lattice, one after the other. */
export function rowsOf({ unit, offset, values }: LatticeCode): Float32Array {
  const features = values.length;
  const rows = new Float32Array(features * values[0].length);
  values.forEach((channel, f) => {
    for (let i = 0; i < channel.length; i++) {
      rows[i * features + f] = offset + Math.fround(unit * channel[i]);
    }
  });
  return rows;
}

/** A float that an f32 holds. */
function single(entries: Entries, index: number): number {
  const value = entries.floatItem(CODE_KEY, index);
  if (Math.fround(value) !== value) damaged(`${entries.where}: ${value} is no f32`);
  return value;
}
