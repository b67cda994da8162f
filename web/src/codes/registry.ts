import type { Code, CodeForm } from "../types.js";
import { Registry } from "../registry.js";
import type { CodeType } from "./code.js";
import { float16 } from "./float16.js";
import { lattice } from "./lattice.js";
import { lowrank } from "./lowrank.js";
import { vq } from "./vq.js";

/** All codes: to add one, write its {@link CodeType} and list it here. */
// biome-ignore lint/suspicious/noExplicitAny: each member takes its own code
export const CODES = new Registry<CodeType<any, any>>("code", [float16, vq, lowrank, lattice]);

/** What the code of a level answers for itself. */
export function codeType(form: CodeForm): CodeType<CodeForm, Code> {
  return CODES.of(form) as CodeType<CodeForm, Code>;
}
