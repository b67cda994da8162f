import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import {
  aligned,
  ans,
  cbor,
  Float,
  halfBits,
  join,
  nfc,
  packed,
  u32,
  zeros,
  type Chunk,
  type Item,
} from "./build.js";
import { header, indices, NETW, refused, SOUND } from "./refused.js";

const CHUNKS: [string, Chunk[], string, RegExp][] = [
  ["none", [], "damaged", /NETW/],
  ["no networks", [SOUND[1]], "damaged", /NETW/],
  ["networks twice", [NETW, ...SOUND], "damaged", /NETW/],
  ["networks behind levels", [SOUND[1], NETW], "damaged", /NETW/],
  ["cells that the header does not have", [NETW, ["OCCU", u32(0, 0)], SOUND[1]], "damaged", /NETW/],
  ["too many levels", [...SOUND, SOUND[1]], "damaged", /2 LEVL/],
  ["an unknown critical chunk", [...SOUND, ["XyZw", u32()]], "unsupported", /XyZw/],
  ["the decoder of images", [["PICT", u32()], ...SOUND], "unsupported", /nfcodec render/],
  ["a type that is none", [...SOUND, ["xy z", u32()]], "damaged", /four letters/],
  [
    "more in a chunk than belongs there",
    [["NETW", join([zeros(1), u32(0)])], SOUND[1]],
    "damaged",
    /left over/,
  ],
  ["less in a chunk", [["NETW", u32(0)], SOUND[1]], "damaged", /too early/],
  ["padding that is not zero", [["NETW", u32(0, 0x10000)], SOUND[1]], "damaged", /padding/],
  ["a value that is not finite", [["NETW", u32(0, 0x7c00)], SOUND[1]], "damaged", /finite/],
  ["an unknown form of halves", [["NETW", u32(3, 0)], SOUND[1]], "unsupported", /form 3/],
];
for (const [name, chunks, code, message] of CHUNKS) {
  test(`chunks: ${name}`, () => refused(nfc(header(), chunks), code, message));
}

const table = (levels: number[], width = 6): Uint8Array => packed(levels, width);
/** Form 3 of three symbols with these table levels. */
const mixed = (levels: number[], coder: Uint8Array): Uint8Array =>
  join([Uint8Array.of(3, 6, 0, 0), table(levels), coder]);
const SECTIONS: [string, Uint8Array, string, RegExp][] = [
  ["unknown form", Uint8Array.of(4, 0, 0, 0), "unsupported", /form 4/],
  ["a constant that is no symbol", Uint8Array.of(0, 0, 3, 0), "damaged", /not below 3/],
  ["a constant with a width", Uint8Array.of(0, 1, 2, 0), "damaged", /width 1/],
  ["packed symbols too large", join([u32(1), u32(3)]), "damaged", /3 is not below 3/],
  ["packed symbols with more", join([Uint8Array.of(1, 0, 1, 0), u32(0)]), "damaged", /where 0/],
  ["a table of width 7", join([Uint8Array.of(2, 7, 0, 0), u32(0, 0)]), "damaged", /width 7/],
  [
    "a table without weights",
    join([Uint8Array.of(2, 6, 0, 0), table([0, 0, 0]), u32(0)]),
    "damaged",
    /weights/,
  ],
  [
    "a first word of 0",
    join([Uint8Array.of(2, 6, 0, 0), table([1, 1, 1]), u32(1, 0)]),
    "damaged",
    /first ANS word/,
  ],
  [
    "words left over",
    join([Uint8Array.of(2, 6, 0, 0), table([1, 0, 0]), u32(3, 1, 2, 3)]),
    "damaged",
    /do not end/,
  ],
  [
    "a state left over",
    join([Uint8Array.of(2, 6, 0, 0), table([1, 0, 0]), u32(1, 3)]),
    "damaged",
    /do not end/,
  ],
  [
    "more words than there are",
    join([Uint8Array.of(2, 6, 0, 0), table([1, 1, 1]), u32(0xffffffff)]),
    "damaged",
    /too early/,
  ],
  ["mixed counts with a width of 0", Uint8Array.of(3, 0, 0, 0), "damaged", /width 0/],
  ["mixed counts with more", Uint8Array.of(3, 6, 1, 0), "damaged", /and 1/],
  ["mixed counts of no symbol", mixed([0, 0, 0], u32(4, 0)), "damaged", /no trees/],
  ["a range coder of three bytes", mixed([1, 1, 1], u32(3, 0)), "damaged", /cannot begin/],
  ["a first value that is none", mixed([1, 1, 1], u32(4, 0xffffffff)), "damaged", /cannot begin/],
  ["a range coder with more bytes", mixed([1, 1, 1], u32(8, 0, 0)), "damaged", /do not end/],
  ["a range coder with less", mixed([1, 1, 1], u32(4, 0x07060504)), "damaged", /do not end/],
];
for (const [name, section, code, message] of SECTIONS) {
  test(`symbols: ${name}`, () => refused(nfc(header(), [NETW, indices(section)]), code, message));
}

test("symbols come out as they were put in", () => {
  const symbols = [2, 0, 1, 1, 0, 2, 2, 1];
  const levels = [20, 63, 1];
  const section = join([Uint8Array.of(2, 6, 0, 0), table(levels), ans(symbols, levels)]);
  const { code } = decode(nfc(header(), [NETW, indices(section)])).grids[0].levels[0];
  assert.ok(code?.kind === "vq");
  const expected = symbols.reduce((word, symbol, i) => word | (symbol << (2 * i)), 0);
  assert.deepEqual([...code.packed], [expected]);
});

test("more symbols than mixed counts can have are refused", () => {
  const section = join([Uint8Array.of(3, 1, 0, 0), packed(new Array<number>(257).fill(1), 1)]);
  const chunk: Chunk = ["LEVL", join([zeros(257), section])];
  refused(nfc(header([1, 257]), [NETW, chunk]), "damaged", /257 codes/);
});

const OCTREE: Item = [1, 1, 1, 8];
/** The start of a topology from the root. */
const root = (form: number): Uint8Array => Uint8Array.of(255, 255, form, 0);
const TOPOLOGIES: [string, Uint8Array, string, RegExp][] = [
  ["no voxels where one should be", join([root(0), u32(0)]), "damaged", /0 voxels/],
  ["unknown form", join([root(2), u32(0)]), "unsupported", /form 2/],
  ["mixed counts of nothing", join([root(1), u32(0)]), "damaged", /cannot begin/],
  [
    "mixed counts that say none is there, and more",
    join([root(1), u32(4, 0xfeffffff)]),
    "damaged",
    /do not end/,
  ],
  ["a fourth byte", join([Uint8Array.of(255, 255, 0, 1), u32(0)]), "damaged", /form 0/],
  ["a base that is not there", Uint8Array.of(9, 0, 0, 0), "damaged", /position 9/],
  ["itself as base", Uint8Array.of(0, 0, 0, 0), "damaged", /position 0/],
  ["masks in contexts", join([root(0), Uint8Array.of(3, 6, 0, 0)]), "damaged", /without sites/],
];
for (const [name, topology, code, message] of TOPOLOGIES) {
  test(`topology: ${name}`, () => {
    const chunk: Chunk = ["LEVL", join([topology, aligned(new Uint8Array(16))])];
    refused(nfc(header([0], OCTREE), [NETW, chunk]), code, message);
  });
}

test("cells outside the occupancy are refused", () => {
  const occupied = (shape: Item): Uint8Array => {
    // One mask for all voxels, with all eight children.
    const cells: Chunk = ["OCCU", join([root(0), Uint8Array.of(0, 0, 255, 0)])];
    return nfc(header().set(4, shape), [NETW, cells, SOUND[1]]);
  };
  assert.equal(decode(occupied([2, 2, 2])).occupancy?.cells[0], 255);
  refused(occupied([2, 2, 1]), "damaged", /voxel outside the cells/);
});

test("occupancy that may need too much memory is refused before it is read", () => {
  const chunks: Chunk[] = [NETW, ["OCCU", join([root(0), u32(0, 0, 0, 0, 0, 0, 0)])], SOUND[1]];
  assert.equal(decode(nfc(header().set(4, [128, 128, 128]), chunks)).lodsDecoded, 1);
  refused(nfc(header().set(4, [512, 512, 512]), chunks), "limit", /memory/);
});

test("metadata", () => {
  const meta = (...items: Uint8Array[]): Uint8Array =>
    nfc(header(), [...SOUND, ...items.map((item): Chunk => ["meta", aligned(item)])]);
  const map = (key: string, value: Item): Uint8Array => cbor(new Map([[key, value]]));
  const nested = (depth: number): Item => (depth === 0 ? 1 : [nested(depth - 1)]);

  const sound = meta(
    map("a", -3),
    map("__proto__", ["x", null]),
    map("b", new Float(0.1)),
    cbor(new Map()),
  );
  assert.deepEqual(
    JSON.parse(JSON.stringify(decode(sound).metadata)),
    JSON.parse('{"a":-3,"__proto__":["x",null],"b":0.1}'),
  );
  assert.equal(decode(meta(map("a", 2n ** 64n - 1n))).metadata["a"], 2n ** 64n - 1n);
  decode(meta(map("a", nested(38))));

  refused(meta(map("a", 1), map("a", 2)), "damaged", /"a" is in two/);
  refused(meta(map("a", nested(39))), "damaged", /nested deeper/);
  refused(meta(map("a", Array<Item>(1_000_000).fill(0))), "limit", /more than 1000000 CBOR items/);
  refused(meta(map("a", Uint8Array.of(1))), "damaged", /byte string/);
  refused(meta(cbor(new Map([[1, 2]]))), "damaged", /number for a key/);
  refused(meta(map("a", new Map([[1, 2]]))), "damaged", /number for a key/);
  refused(meta(cbor([])), "damaged", /not a map/);
  for (const [bytes, message] of [
    [[0xa1, 0x61, 0x61, 0x18, 0x17], /shortest form/],
    [[0xa1, 0x61, 0x61, 0xfa, 0x3f, 0x80, 0, 0], /shortest form/],
    [[0xa1, 0x61, 0x61, 0xf9, 0x7e, 0x00], /not finite/],
    [[0xa1, 0x61, 0x61, 0xf7], /simple value/],
    [[0xa1, 0x61, 0x61, 0xc1, 0x01], /tag/],
    [[0xbf, 0xff], /indefinite/],
    [[0xa2, 0x61, 0x62, 1, 0x61, 0x61, 1], /not in order/],
    [[0xa2, 0x61, 0x61, 1, 0x61, 0x61, 1], /or equal/],
    [[0xa2, 0x01, 1, 0x61, 0x61, 1], /texts and numbers/],
    [[0xa1, 0x20, 1], /neither a text/],
    [[0xa1, 0x61, 0xff, 1], /UTF-8/],
    [[0xa1, 0x61, 0x61, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0], /too early/],
    [[0xa0, 0, 0, 0, 0], /more follows/],
    [[0xa0, 1], /more follows/],
  ] as const) {
    refused(meta(Uint8Array.from(bytes)), "damaged", message);
  }
});

test("floats are in their shortest form", () => {
  const value = (...bytes: number[]): Uint8Array =>
    nfc(header(), [...SOUND, ["meta", aligned(Uint8Array.of(0xa1, 0x61, 0x61, ...bytes))]]);
  const single = (number: number): Uint8Array => {
    const view = new DataView(new ArrayBuffer(5));
    view.setUint8(0, 0xfa);
    view.setFloat32(1, number);
    return value(...new Uint8Array(view.buffer));
  };
  // Halves: the least subnormal, the greatest subnormal, the least normal, the greatest.
  for (const half of [2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -1.5, 0]) {
    refused(single(half), "damaged", /shortest form/);
  }
  for (const other of [2 ** -25, 1.5 * 2 ** -24, 65520, 65536, 1 + 2 ** -11, 2 ** 100]) {
    assert.equal(decode(single(other)).metadata["a"], other);
  }
  assert.equal(decode(value(0xf9, halfBits(1.5)! >> 8, halfBits(1.5)! & 255)).metadata["a"], 1.5);
});
