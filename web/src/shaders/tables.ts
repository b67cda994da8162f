/**
 * Programs from what the WGSL files, the page and Python share as data: the same as
 * `nfcodec/render/gpu/tables.py`.
 *
 * `tables.json` states the members of each struct and what each program is made of,
 * `constants.json` the numbers that images are drawn with. A program's text is the structs, the
 * constants, one field's levels and layers as constants, its files as they are, and the calls that
 * go through levels and layers.
 */

import constants from "../../../nfcodec/shaders/constants.json";
import tables from "../../../nfcodec/shaders/tables.json";
import { SHADERS } from "./files.js";

export type Program = keyof typeof tables.programs;
type Struct = keyof typeof tables.structs;
type Constant = keyof typeof constants.constants;
/** Values of the members of a struct, by name; members that are not named are zero. */
export type Members = Readonly<Record<string, number | readonly number[]>>;

/** The numbers that images are drawn with. */
export const CONSTANTS = Object.fromEntries(
  Object.entries(constants.constants).map(([name, [value]]) => [name, value]),
) as Record<Constant, number>;

/** One of a field's levels, inputs of networks and layers, as values of the structs' members. */
export interface Rows {
  readonly whole: Members;
  readonly levels: readonly Members[];
  readonly inputs: readonly Members[];
  readonly layers: readonly Members[];
  /** For each network how many inputs and layers it has. */
  readonly calls: readonly (readonly [inputs: number, layers: number])[];
  /** How many networks a density, or the value of a field without one, needs. */
  readonly firstNetworks: number;
  /** Lengths of arrays in the programs' text, by name. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** The number by which programs know a layout, a code, an encoding, an activation, a mode, a flag. */
export function tag(kind: string, name: string): number {
  const tags: Readonly<Record<string, number>> = tables.constants;
  return tags[`${kind}_${name.toUpperCase()}`];
}

/** Where each member of a struct begins, in words, and how many words the struct has. */
export function wordsOf(struct: Struct): {
  readonly at: Map<string, number>;
  readonly count: number;
} {
  const at = new Map<string, number>();
  let count = 0;
  for (const [name, type] of tables.structs[struct]) {
    at.set(name, count);
    count += type.startsWith("vec4") ? 4 : 1;
  }
  return { at, count };
}

/** The WGSL text of a program; `storage` names the files that declare its buffers. */
export function programText(program: Program, rows: Rows, storage: readonly string[]): string {
  const files = ["bindings", ...storage, ...tables.programs[program]];
  const texts = files.map((name) => SHADERS[`${name}.wgsl`]);
  return [...structs(), ...constantsOf(rows), ...texts, ...calls(rows)].join("\n") + "\n";
}

function* structs(): Generator<string> {
  for (const [name, members] of Object.entries(tables.structs)) {
    yield `struct ${name} {`;
    for (const [member, type] of members) yield `    ${member}: ${type},`;
    yield "}";
  }
}

function* constantsOf(rows: Rows): Generator<string> {
  for (const [name, value] of Object.entries({ ...tables.constants, ...rows.sizes })) {
    yield `const ${name} = ${value}u;`;
  }
  for (const [name, [value, type]] of Object.entries(constants.constants)) {
    yield `const ${name}: ${type} = ${value};`;
  }
  yield `const WHOLE = ${row("Whole", rows.whole)};`;
  const entries = [
    ["Level", rows.levels],
    ["Input", rows.inputs],
    ["Layer", rows.layers],
  ] as const;
  for (const [name, own] of entries) {
    for (const [i, entry] of own.entries()) {
      yield `const ${name.toUpperCase()}_${i} = ${row(name, entry)};`;
    }
  }
}

/** A struct as a WGSL constant; members that are not named are zero. */
function row(struct: Struct, entry: Members): string {
  const values = tables.structs[struct].map(([member, type]) => {
    const value = entry[member] ?? 0;
    if (typeof value !== "number") return `${type}(${value.map(float).join(", ")})`;
    return type === "u32" ? `${value}u` : float(value);
  });
  return `${struct}(${values.join(", ")})`;
}

/** A float32 as WGSL text, exactly. */
function float(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The functions that go through all levels in use, and through the networks. */
function* calls(rows: Rows): Generator<string> {
  yield "fn read_features(u: vec3<f32>) {";
  yield "    clear_features();";
  for (const [i, { lod, until }] of rows.levels.entries()) {
    const ends = until === undefined ? "" : ` && params.chosen.x < ${until as number}u`;
    yield `    if (params.chosen.x >= ${lod as number}u${ends}) {`;
    yield `        add_level(LEVEL_${i}, u);`;
    yield "    }";
  }
  yield "}";
  let input = 0;
  let layer = 0;
  const first = rows.firstNetworks;
  const parts = { first: rows.calls.slice(0, first), last: rows.calls.slice(first) };
  for (const [name, own] of Object.entries(parts)) {
    yield `fn run_${name}_networks() {`;
    for (const [inputs, layers] of own) {
      for (let i = 0; i < inputs; i++) yield `    encode(INPUT_${input++});`;
      for (let i = 0; i < layers; i++) yield `    run_layer(LAYER_${layer++});`;
    }
    yield "}";
  }
}
