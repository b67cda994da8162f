// The page's tables and buffers for GPU programs are Python's, number for number and byte for byte.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import type { Field } from "../src/types.js";
import { levelsOf } from "../src/gpu/levels.js";
import {
  codeContents,
  layoutContents,
  networkContents,
  occupancyContents,
  type Content,
} from "../src/gpu/pack.js";
import { makePlan, MAX_PROGRAM_SIZE, programSize } from "../src/gpu/plan.js";
import * as settings from "../src/gpu/settings.js";
import type { Members } from "../src/shaders/tables.js";
import { vectorBytes, vectorNames } from "./vectors.js";

/** Where `tests/render/make_gpu_plans.py` looks from. */
const EYE = [3, -2, 1.5] as const;
const PLANS = join(process.cwd(), "..", "tests", "render", "gpu_plans.json");

type Plain = Record<string, number | number[]>;

interface Summary {
  rows: Record<string, Plain[]>;
  whole: Plain;
  calls: number[][];
  sizes: Readonly<Record<string, number>>;
  programs: readonly string[];
  buffers: Record<string, string>;
  bytes: number;
  size: number;
  settings: Record<string, number>[];
}

function digest(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 16);
}

/** A table's row as float32 numbers, without what is zero. */
function plain(row: Members): Plain {
  const values = Object.entries(row).map(([name, value]): [string, number | number[]] => [
    name,
    typeof value === "number" ? Math.fround(value) : value.map(Math.fround),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== 0));
}

function summary(field: Field): Summary {
  const plan = makePlan(field);
  const memory = new Map(plan.buffers.map((b) => [b.name, new Uint8Array(b.bytes)]));
  const put = (contents: Content[]) => {
    for (const [part, words] of contents) {
      const { elementBytes } = plan.buffers.find((b) => b.name === part.buffer)!;
      memory.get(part.buffer)!.set(new Uint8Array(words.buffer), part.offset * elementBytes);
    }
  };
  levelsOf(field).forEach((level, i) => {
    put(layoutContents(plan.levels[i], level));
    put(codeContents(plan.levels[i], level));
  });
  put(networkContents(plan, field));
  for (const occupancy of plan.occupancies) put(occupancyContents(occupancy, field));
  return {
    rows: Object.fromEntries(
      (["levels", "inputs", "layers"] as const).map((name) => [name, plan.rows[name].map(plain)]),
    ),
    whole: plain(plan.rows.whole),
    calls: plan.rows.calls.map((pair) => [...pair]),
    sizes: plan.rows.sizes,
    programs: plan.programs,
    buffers: Object.fromEntries(plan.buffers.map((b) => [b.name, digest(memory.get(b.name)!)])),
    bytes: plan.bytes,
    size: programSize(plan.rows),
    settings: Array.from({ length: field.lods }, (_, lod) => lengths(field, lod)),
  };
}

function lengths(field: Field, lod: number): Record<string, number> {
  const voxel = settings.voxelSize(field, lod);
  const found: Record<string, number> = {
    radiance_step: settings.radianceStep(field, lod),
    voxel_size: voxel,
    shortest_step: settings.shortestStep(field, voxel),
    scalar_step: settings.scalarStep(field, lod),
  };
  if (field.dims === 3) {
    [found["nearest"], found["farthest"]] = settings.depthRange(field, EYE);
  }
  return found;
}

const expected = JSON.parse(readFileSync(PLANS, "utf8")) as Record<string, Summary>;

test("all golden files have an expected plan", () => {
  assert.deepEqual(Object.keys(expected).sort(), vectorNames());
});

test("programs that are too large to compile are refused", () => {
  const field = decode(vectorBytes("octree_lowrank"));
  const level = { ...field.grids[0].levels[0], form: { kind: "float16" as const } };
  const withMore = (count: number): Field => ({
    ...field,
    grids: [{ ...field.grids[0], levels: [...field.grids[0].levels, ...Array(count).fill(level)] }],
  });
  const size = programSize(makePlan(field).rows);
  const fits = Math.floor((MAX_PROGRAM_SIZE - size) / (100 + 2 * level.features));
  assert.ok(programSize(makePlan(withMore(fits), 2 ** 31).rows) <= MAX_PROGRAM_SIZE);
  assert.throws(() => makePlan(withMore(fits + 1), 2 ** 31), {
    code: "limit",
    message: /programs/,
  });
});

for (const name of vectorNames()) {
  test(`${name} has the tables, buffers and steps that Python makes`, () => {
    const { settings: found, ...rest } = summary(decode(vectorBytes(name)));
    const { settings: wanted, ...expectedRest } = expected[name];
    assert.deepEqual(rest, expectedRest);
    assert.equal(found.length, wanted.length);
    found.forEach((own, lod) => {
      assert.deepEqual(Object.keys(own), Object.keys(wanted[lod]));
      for (const [key, value] of Object.entries(own)) {
        const error = Math.abs(value - wanted[lod][key]);
        assert.ok(
          error <= 1e-12 * value,
          `${key} of LOD ${lod}: ${value}, not ${wanted[lod][key]}`,
        );
      }
    });
  });
}

/** Python refuses the same: `tests/render/test_gpu_plan.py`. */
const REFUSED = { code: "unsupported", message: /factor .* beyond the float32/ };

test("frequencies that overflow are refused before a GPU sees them", () => {
  const field = decode(vectorBytes(vectorNames()[0]));
  const [network] = field.networks;
  network.inputs = [
    {
      source: "position",
      encoding: { kind: "frequency", frequencies: 32, scale: 1e30, includeInput: false },
      slice: null,
    },
  ];
  network.layers[0].inputs = 64 * field.dims;
  assert.throws(() => makePlan(field), REFUSED);
});

test("gains that overflow are refused before a GPU sees them", () => {
  const field = decode(vectorBytes(vectorNames()[0]));
  field.networks[0].layers[0].gain = 1e39;
  assert.throws(() => makePlan(field), REFUSED);
});
