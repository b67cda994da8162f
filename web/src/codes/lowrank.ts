import { damaged } from "../errors.js";
import { LIMITS } from "../limits.js";
import type { CodeForm, LowRankCode } from "../types.js";
import { tag } from "../shaders/tables.js";
import { CODE_KEY, halfWords, pairs, type CodeType } from "./code.js";

type Form = Extract<CodeForm, { kind: "lowrank" }>;

/** A mean and coefficients of a few basis vectors. */
export const lowrank: CodeType<Form, LowRankCode> = {
  tag: 2,
  kind: "lowrank",

  readForm(entries, features) {
    entries.fields(CODE_KEY, entries.array(CODE_KEY), 2);
    const rank = entries.item(CODE_KEY, 1, 1);
    if (rank > features) damaged(`${entries.where}: rank ${rank} of ${features} features`);
    return { kind: "lowrank", rank };
  },
  read(payload, { rank }, { rows, features }) {
    const mean = payload.halves(features);
    const basis = payload.halves(rank * features);
    const coefficients = payload.halves(rows * rank);
    return { kind: "lowrank", rank, mean, basis, coefficients };
  },
  layers: () => 1,
  refine: (payload) => payload.reject("low-rank vectors in layers"),
  memory: ({ rank }, rows, features) => ({
    held: LIMITS.memory.value * (rows * rank + features * (rank + 1)),
    step: 0,
  }),

  gpu: {
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
  },
};
