import { LIMITS } from "../limits.js";
import type { CodeForm, Float16Code } from "../types.js";
import { tag } from "../shaders/tables.js";
import { CODE_KEY, halfWords, pairs, type CodeType } from "./code.js";

type Form = Extract<CodeForm, { kind: "float16" }>;

/** Vectors as they are, in halves. */
export const float16: CodeType<Form, Float16Code> = {
  tag: 0,
  kind: "float16",

  readForm(entries) {
    entries.fields(CODE_KEY, entries.array(CODE_KEY), 1);
    return { kind: "float16" };
  },
  read: (payload, _, { rows, features }) => ({
    kind: "float16",
    values: payload.halves(rows * features),
  }),
  layers: () => 1,
  refine: (payload) => payload.reject("float16 vectors in layers"),
  memory: (_, rows, features) => ({ held: LIMITS.memory.value * rows * features, step: 0 }),

  gpu: {
    members: (_, features) => ({ code_tag: tag("CODE", "float16"), pitch: pairs(features) }),
    lengths: (_, rows, features) => [["vectors", rows * pairs(features)]],
    words: ({ values }, features) => [["vectors", halfWords(values, features)]],
  },
};
