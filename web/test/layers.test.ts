import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodedBytes } from "../src/coding/estimate.js";
import { decode, FieldDecoder, parseFront, type Front } from "../src/coding/decoder.js";
import { applyUpdate, makeUpdate } from "../src/stream/messages.js";
import { readField } from "../src/stream/read.js";
import type { ByteSource } from "../src/stream/source.js";
import type { Field } from "../src/types.js";
import {
  join as joined,
  level,
  nfc,
  packed,
  scalarHeader,
  u32,
  zeros,
  type Chunk,
  type Item,
} from "./build.js";
import { header, NETW, refused } from "./refused.js";
import { summary } from "./summary.js";
import { FOLDER, vectorBytes, vectorNames, type ExpectedLevel } from "./vectors.js";

interface Cut {
  bytes: number;
  levels: ExpectedLevel[];
}

const CUTS = join(FOLDER, "..", "v1-cuts");
const LAYERED = vectorNames().filter((name) => existsSync(join(CUTS, `${name}.json`)));

function cutsOf(name: string): Cut[] {
  return JSON.parse(readFileSync(join(CUTS, `${name}.json`), "utf8")) as Cut[];
}

/** The levels that have arrived, as the golden files' JSON has them. */
function levelsOf(field: Field): ExpectedLevel[] {
  const grids = field.grids.map((grid) => ({
    ...grid,
    levels: grid.levels.filter(({ code }) => code !== null),
  }));
  return summary({ ...field, grids }).levels;
}

function inPieces(file: Uint8Array, size: number): ByteSource {
  return {
    total: file.length,
    async *pieces() {
      for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
    },
  };
}

test("there are golden files with layers", () => assert.ok(LAYERED.length >= 2));

for (const name of LAYERED) {
  test(`${name} cut behind each layer decodes to the same integers`, () => {
    const file = vectorBytes(name);
    const cuts = cutsOf(name);
    assert.ok(cuts.length > decode(file).lods);
    for (const { bytes, levels } of cuts) {
      assert.deepEqual(levelsOf(decode(file.subarray(0, bytes))), levels, `${bytes} bytes`);
    }
  });

  test(`${name}: each layer is there as soon as its bytes are, here and behind the worker`, async () => {
    const file = vectorBytes(name);
    const cuts = cutsOf(name);
    let client: Field | null = null;
    const seen: Cut[] = [];
    let received = 0;
    const source: ByteSource = {
      total: file.length,
      async *pieces() {
        for (; received < file.length; ) yield file.subarray(received, ++received);
      },
    };
    let layouts = 0;
    await readField(source, {
      progress: () => undefined,
      lod: (field, changed, last) => {
        assert.equal(last, received === cuts[cuts.length - 1]!.bytes);
        const { update, transfer } = makeUpdate(field, changed, client === null, last);
        layouts += update.changed.filter(({ layout }) => layout !== null).length;
        client = applyUpdate(client, structuredClone(update, { transfer }));
        seen.push({ bytes: received, levels: levelsOf(client) });
      },
    });
    assert.deepEqual(seen, cuts);
    assert.equal(layouts, decode(file).grids.flatMap(({ levels }) => levels).length);
  });

  test(`${name}: with the LODs that are asked for come all their layers`, async () => {
    const file = vectorBytes(name);
    const { lodEnds } = parseFront(file) as Front;
    for (let lods = 1; lods <= lodEnds.length; lods++) {
      const events = { progress: () => undefined, lod: () => undefined };
      const field = await readField(inPieces(file, 1), events, { lods });
      assert.equal(field.lodsDecoded, lods);
      const whole = cutsOf(name).find(({ bytes }) => bytes === lodEnds[lods - 1])!;
      assert.deepEqual(levelsOf(field), whole.levels);
    }
  });
}

/** Eight vectors in layers of two and of three codes. */
const IN_LAYERS: Item = [1, 2, 3];
const COARSE: Chunk = ["LEVL", joined([zeros(2), Uint8Array.of(0, 0, 0, 0)])];
/** All vectors are of group 0, whose codes are 0 and 2: eight decisions. */
function refinement(options: {
  form?: number;
  width?: number;
  x?: number;
  groups?: number[];
  levels?: number[];
  coder?: Uint8Array;
}): Chunk {
  const { form = 3, width = 6, x = 0, groups = [0, 1, 0], levels = [9, 9, 9] } = options;
  const { coder = u32(4, 0) } = options;
  const parts = [Uint8Array.of(form, width, x, 0), packed(groups, 1), packed(levels, width), coder];
  return ["REFN", joined([zeros(3), ...parts])];
}

test("a refinement that is sound", () => {
  const { code, layer, form } = decode(nfc(header(IN_LAYERS), [NETW, COARSE, refinement({})]))
    .grids[0]!.levels[0]!;
  assert.ok(code?.kind === "vq" && form.kind === "vq");
  assert.deepEqual([code.numCodes, layer, form.layers], [3, 1, [2, 3]]);
  // A coder of zeros says 1 each time: the code that was taken first into the tree.
  assert.deepEqual([...code.packed], [0]);
});

const REFINEMENTS: [string, Parameters<typeof refinement>[0], string, RegExp][] = [
  ["of a newer form", { form: 4 }, "unsupported", /form 4/],
  ["of a form without groups", { form: 2 }, "damaged", /form 2/],
  ["without a width", { width: 0, levels: [] }, "damaged", /width 0/],
  ["too wide", { width: 7 }, "damaged", /width 7/],
  ["with more", { x: 1 }, "damaged", /and 1/],
  ["without weights", { levels: [0, 0, 0] }, "damaged", /no trees/],
  ["of a group without codes", { groups: [1, 1, 1] }, "damaged", /group 0 is used/],
  ["of a group whose codes do not occur", { levels: [0, 9, 0] }, "damaged", /group 0 is used/],
  ["of three bytes", { coder: u32(3, 0) }, "damaged", /cannot begin/],
  ["with bytes left over", { coder: u32(8, 0, 0) }, "damaged", /do not end/],
];
for (const [name, options, code, message] of REFINEMENTS) {
  test(`refinement ${name}`, () =>
    refused(nfc(header(IN_LAYERS), [NETW, COARSE, refinement(options)]), code, message));
}

test("a group that there is not", () => {
  const three: Item = [1, 3, 4];
  const parts = [zeros(4), Uint8Array.of(3, 6, 0, 0), packed([0, 1, 3, 2], 2)];
  const wrong: Chunk = ["REFN", joined([...parts, packed([9, 9, 9, 9], 6), u32(4, 0)])];
  const coarse: Chunk = ["LEVL", joined([zeros(3), Uint8Array.of(0, 0, 0, 0)])];
  refused(nfc(header(three), [NETW, coarse, wrong]), "damaged", /group 3 is not below 3/);
});

const SOUND = refinement({});
const ORDERS: [string, Item, Chunk[], RegExp][] = [
  ["in front of its level", IN_LAYERS, [NETW, SOUND, COARSE], /REFN/],
  ["in front of all", IN_LAYERS, [SOUND, NETW, COARSE], /NETW/],
  ["twice", IN_LAYERS, [NETW, COARSE, SOUND, SOUND], /REFN/],
  ["missing", IN_LAYERS, [NETW, COARSE], /REFN/],
  ["without a level", IN_LAYERS, [NETW, SOUND], /LEVL/],
  ["that the header does not have", [1, 3], [NETW, COARSE, SOUND], /REFN/],
];
for (const [name, code, chunks, message] of ORDERS) {
  test(`refinement ${name}`, () => refused(nfc(header(code), chunks), "damaged", message));
}

const HEADERS: [string, Item, RegExp][] = [
  ["no layer", [1], /0 layers/],
  ["nine layers", [1, 1, 2, 3, 4, 5, 6, 7, 8, 9], /9 layers/],
  ["a layer without codes", [1, 0, 3], /below 1/],
  ["layers that do not grow", [1, 3, 3], /do not grow/],
  ["layers that shrink", [1, 4, 3, 8], /do not grow/],
  ["more codes than trees", [1, 3, 257], /257 codes/],
];
for (const [name, code, message] of HEADERS) {
  test(`header: ${name}`, () =>
    refused(nfc(header(code), [NETW, COARSE, SOUND]), "damaged", message));
}

test("a damaged refinement leaves what was there", () => {
  const file = nfc(header(IN_LAYERS), [NETW, COARSE, refinement({ coder: u32(8, 0, 0) })]);
  const front = parseFront(file) as Front;
  const decoder = new FieldDecoder(front);
  const add = (i: number): number[] => {
    const { offset, length } = front.chunks[i]!;
    return decoder.addChunk(i, file.subarray(offset, offset + length));
  };
  add(0);
  assert.throws(() => add(2), RangeError);
  assert.deepEqual(add(1), [0]);
  const { work } = decoder;
  const before = structuredClone(decoder.field);
  assert.throws(() => add(2), { code: "damaged" });
  assert.deepEqual(structuredClone(decoder.field), before);
  assert.equal(decoder.work, work);
});

test("memory counts the coarser codes that are held beside finer ones", () => {
  const levels = 100;
  const estimate = (code: Item, finer: Chunk[]): number => {
    const all = Array.from({ length: levels }, () => level(0, [0, true, 0, 16, 16, 16], code));
    const chunks: Chunk[] = [NETW, ["LEVL", u32()], ...finer];
    return decodedBytes((parseFront(nfc(scalarHeader(all), chunks)) as Front).header);
  };
  const more = estimate([1, 1, 2], [["REFN", u32()]]) - estimate([1, 2], []);
  assert.ok(more >= levels * 4096, `${more} bytes`);
});
