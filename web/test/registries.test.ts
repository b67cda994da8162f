// What every layout and code has to answer, and that one more of each needs nothing but registering.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CodeType } from "../src/codes/code.js";
import { CODES, codeType } from "../src/codes/registry.js";
import { decode } from "../src/coding/decoder.js";
import { decodedBytes } from "../src/coding/estimate.js";
import type { Header } from "../src/coding/header.js";
import type { Code, CodeForm, Field, Layout, Level } from "../src/types.js";
import { codeContents, layoutContents } from "../src/gpu/pack.js";
import { makePlan, programText } from "../src/gpu/plan.js";
import { voxelSize } from "../src/gpu/settings.js";
import type { LayoutType } from "../src/layouts/layout.js";
import { LAYOUTS, layoutType } from "../src/layouts/registry.js";
import { vectorBytes, vectorNames } from "./vectors.js";

const fields = vectorNames().map((name) => decode(vectorBytes(name)));
const levels = fields.flatMap((field) => field.grids.flatMap((grid) => grid.levels));

for (const type of LAYOUTS) {
  const own = levels.filter(({ layout }) => layout.kind === type.kind);

  test(`layout ${type.kind}: golden files have one`, () => assert.ok(own.length > 0));

  test(`layout ${type.kind} places every row and counts its cells`, () => {
    for (const { layout, rows } of own) {
      const { nz, ny, nx, sites } = type.lattice(layout, rows);
      assert.equal(sites === null ? nz * ny * nx : sites.length, rows);
      assert.ok(type.resolution(layout).every((voxels) => voxels >= 1));
      const along = type.cellsAlong(layout);
      for (const cell of type.cells(layout)) {
        assert.ok(cell.every((at, axis) => at >= 0 && at < along![axis]));
      }
    }
  });

  test(`layout ${type.kind} forgets what has been read, and keeps what the header says`, () => {
    for (const { layout, rows } of own) {
      const empty = type.empty(layout);
      assert.deepEqual(type.resolution(empty), type.resolution(layout));
      assert.deepEqual(type.memory(empty, rows), type.memory(layout, rows));
      assert.deepEqual([...type.cells(empty)], []);
    }
  });

  test(`layout ${type.kind} has the corner index that its blocks are planned for`, () => {
    for (const { layout } of own) {
      assert.equal(type.gpu.blocks(layout).length, 4 * type.gpu.numBlocks(layout));
    }
  });
}

for (const type of CODES) {
  const own = levels.filter(({ form }) => form.kind === type.kind);

  test(`code ${type.kind}: golden files have one`, () => assert.ok(own.length > 0));

  test(`code ${type.kind} fills the words that are planned for it`, () => {
    for (const { form, code, rows, features } of own) {
      const planned = new Map(type.gpu.lengths(form, rows, features));
      const words = type.gpu.words(code, features);
      assert.deepEqual(
        words.map(([name]) => name),
        [...planned.keys()],
      );
      for (const [name, found] of words) assert.ok(found.length <= planned.get(name)!);
      assert.equal(typeof type.gpu.members(form, features)["pitch"], "number");
    }
  });

  test(`code ${type.kind} arrives in at least one layer and takes memory`, () => {
    for (const { form, rows, features } of own) {
      assert.ok(type.layers(form) >= 1);
      assert.ok(type.memory(form, rows, features).held > 0);
    }
  });
}

test("ids and names are taken once", () => {
  assert.throws(() => LAYOUTS.add([...LAYOUTS][0]), /registered already/);
  assert.throws(() => CODES.add([...CODES][0]), /registered already/);
  assert.throws(() => LAYOUTS.tagged(250, "there"), {
    code: "unsupported",
    message: /^there is 250/,
  });
});

/** A lattice that is known by another name: all that differs is what it answers. */
const toyLayout: LayoutType<{ kind: "toy"; side: number }> = {
  tag: 250,
  kind: "toy",
  readHeader: () => ({ layout: { kind: "toy", side: 2 }, rows: 8 }),
  read: () => undefined,
  memory: (_, rows) => ({ held: rows, step: 0 }),
  empty: (layout) => layout,
  lattice: ({ side }, rows) => ({ nz: side, ny: side, nx: side, sites: null, rows }),
  voxels: () => null,
  resolution: ({ side }) => [side, side, side],
  cellsAlong: ({ side }) => [side, side, side],
  cells: () => [[1, 0, 1]],
  gpu: {
    members: ({ side }) => ({
      layout_tag: 250,
      size_x: side,
      size_y: side,
      size_z: side,
      corners: 8,
    }),
    numBlocks: () => 0,
    blocks: () => new Uint32Array(0),
  },
};

const toyCode: CodeType<{ kind: "toy" }, { kind: "toy"; value: number }> = {
  tag: 250,
  kind: "toy",
  readForm: () => ({ kind: "toy" }),
  read: () => ({ kind: "toy", value: 1 }),
  layers: () => 1,
  refine: (_, _form, before) => before,
  memory: () => ({ held: 4, step: 0 }),
  gpu: {
    members: () => ({ code_tag: 250, pitch: 1 }),
    lengths: () => [["vectors", 1]],
    words: ({ value }) => [["vectors", Uint32Array.of(value)]],
  },
};

test("a layout and a code of another's are planned, packed and measured by registering them", () => {
  const field = decode(vectorBytes("octree_mixed"));
  const [grid] = field.grids;
  const level: Level = {
    ...grid.levels[0],
    layout: { kind: "toy", side: 300 } as unknown as Layout,
    form: { kind: "toy" } as unknown as CodeForm,
    code: { kind: "toy", value: 7 } as unknown as Code,
    rows: 8,
    transform: null,
  };
  const toy: Field = { ...field, grids: [{ ...grid, levels: [level, ...grid.levels.slice(1)] }] };
  assert.throws(() => makePlan(toy), /there is no layout toy/);
  LAYOUTS.add(toyLayout);
  CODES.add(toyCode);
  try {
    assert.equal(layoutType(level.layout), toyLayout);
    assert.equal(codeType(level.form), toyCode);
    const plan = makePlan(toy);
    assert.match(programText(plan, plan.programs[0]), /const LEVEL_0 = Level\(.* 250u, 250u, /);
    assert.deepEqual(layoutContents(plan.levels[0], level), []);
    assert.deepEqual(codeContents(plan.levels[0], level)[0][1], Uint32Array.of(7));
    const before = Math.max(...field.bounds.slice(3)) - Math.min(...field.bounds.slice(0, 3));
    assert.ok(voxelSize(toy, 0) <= before / 300 + 1e-9);
    const header = { field: toy, levels: toy.grids[0].levels, occupancy: null } as Header;
    assert.ok(decodedBytes(header) > 0);
  } finally {
    LAYOUTS.remove(toyLayout);
    CODES.remove(toyCode);
  }
});
