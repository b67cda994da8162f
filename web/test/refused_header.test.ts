import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import {
  doubles,
  Float,
  input,
  layer,
  level,
  network,
  nfc,
  scalarHeader,
  zeros,
  type Chunk,
  type Header,
  type Item,
} from "./build.js";
import { DENSE, header, refused, SOUND } from "./refused.js";

test("the file that the others differ from is sound", () => {
  const field = decode(nfc(header(), SOUND));
  assert.equal(field.lodsDecoded, 1);
  const { code } = field.grids[0].levels[0];
  assert.ok(code?.kind === "vq");
  assert.deepEqual([...code.packed], [0b1010101010101010]);
});

/** Headers with one thing changed. */
const HEADERS: [string, (header: Header) => void, string, RegExp][] = [
  ["unknown entry", (h) => h.set(5, 1), "unsupported", /entry 5/],
  ["unknown kind", (h) => h.set(0, 3), "unsupported", /entry 0 is 3/],
  ["kind of another type", (h) => h.set(0, "nerf"), "damaged", /not an integer/],
  ["no kind", (h) => h.delete(0), "damaged", /no entry 0/],
  ["bounds in 4-D", (h) => h.set(1, new Uint8Array(64)), "damaged", /64 bytes/],
  ["empty bounds", (h) => h.set(1, doubles(0, 0, 0, 0, 1, 1)), "damaged", /no range/],
  ["bounds that are not numbers", (h) => h.set(1, doubles(NaN, 0, 0, 1, 1, 1)), "damaged", /range/],
  ["bounds too large", (h) => h.set(1, doubles(-2e30, 0, 0, 1, 1, 1)), "damaged", /no range/],
  ["bounds too thin", (h) => h.set(1, doubles(1e6, 0, 0, 1e6 + 0.5, 1, 1)), "damaged", /no range/],
  ["no networks", (h) => h.set(3, []), "damaged", /no networks/],
  ["grids that are no array", (h) => h.set(2, new Map()), "damaged", /not an array/],
  ["a grid that is no map", (h) => h.set(2, [1]), "damaged", /not a map/],
  ["a grid with texts for keys", (h) => h.set(2, [new Map([["0", 0]])]), "damaged", /text/],
  [
    "a grid without levels",
    (h) =>
      h.set(2, [
        new Map<number, Item>([
          [0, 0],
          [1, []],
        ]),
      ]),
    "damaged",
    /no levels/,
  ],
  ["occupancy in 2-D", (h) => h.set(4, [4, 4]), "damaged", /number of axes/],
  ["occupancy without cells", (h) => h.set(4, [4, 0, 4]), "damaged", /below 1/],
  ["occupancy too long", (h) => h.set(4, [1, 1, 65537]), "limit", /65537/],
  ["occupancy too large", (h) => h.set(4, [4096, 4096, 4096]), "limit", /occupancy cells/],
];
for (const [name, change, code, message] of HEADERS) {
  test(`header: ${name}`, () => {
    const changed = header();
    change(changed);
    refused(nfc(changed, SOUND), code, message);
  });
}

const LEVELS: [string, Item, Item, string, RegExp][] = [
  ["unknown layout", [2, 1], [0], "unsupported", /entry 1 is 2/],
  ["unknown padding", [0, true, 2, 2, 2, 2], [0], "unsupported", /is 2/],
  ["align_corners as a number", [0, 1, 0, 2, 2, 2], [0], "damaged", /align_corners/],
  ["a side too few", [0, true, 0, 2, 4], [0], "damaged", /5 items/],
  ["a side of 0", [0, true, 0, 0, 2, 2], [0], "damaged", /below 1/],
  ["a side too long", [0, true, 0, 1, 1, 65537], [0], "limit", /65537/],
  ["too many vectors", [0, true, 0, 4096, 4096, 4096], [0], "limit", /vectors/],
  ["vectors that need too much", [0, true, 0, 512, 512, 512], [1, 16], "limit", /memory/],
  ["an octree too deep", [1, 11, 8, 27], [0], "limit", /depth/],
  ["an octree without voxels", [1, 1, 0, 0], [0], "damaged", /below 1/],
  ["an octree without its corners", [1, 1, 1], [0], "damaged", /3 items/],
  ["an octree with too few corners", [1, 1, 1, 7], [0], "damaged", /7 corners of 1 voxels/],
  ["an octree with too many corners", [1, 1, 2, 17], [0], "damaged", /17 corners of 2 voxels/],
  ["corners beyond 2^53", [1, 1, 2, 2 ** 53], [0], "damaged", /corners of 2 voxels/],
  ["unknown code", DENSE, [4], "unsupported", /is 4/],
  ["a lattice without octaves", DENSE, [3, 1, 0, false], "damaged", /in the code of a lattice/],
  ["a code with more than it has", DENSE, [0, 1], "damaged", /2 items/],
  ["indices without a number of codes", DENSE, [1], "damaged", /0 layers/],
  ["too many codes", DENSE, [1, 65537], "damaged", /65537 codes/],
  ["no codes", DENSE, [1, 0], "damaged", /below 1/],
  ["a rank above the features", DENSE, [2, 2], "damaged", /rank 2/],
];
for (const [name, layout, code, error, message] of LEVELS) {
  test(`level: ${name}`, () => refused(nfc(header(code, layout), SOUND), error, message));
}

test("levels whose LODs have a gap", () => {
  const gap = scalarHeader([level(0, DENSE, [1, 3]), level(2, DENSE, [1, 3])]);
  refused(nfc(gap, SOUND), "damaged", /LODs 0 to 2/);
});

test("levels that begin with LOD 1", () => {
  refused(nfc(scalarHeader([level(1, DENSE, [1, 3])]), SOUND), "damaged", /LODs 0 to 1/);
});

const position = input("position");
const NETWORKS: [string, Item[], string, RegExp][] = [
  ["no inputs", [network("a", [], [layer(1, 1)])], "damaged", /no inputs/],
  ["no layers", [network("a", [position], [])], "damaged", /no layers/],
  ["no name", [network("", [position], [layer(1, 3)])], "damaged", /0 characters/],
  ["a name too long", [network("é".repeat(65), [position], [layer(1, 3)])], "damaged", /65 char/],
  ["a name twice", [1, 2].map(() => network("a", [position], [layer(1, 3)])), "damaged", /taken/],
  ["the name of a source", [network("features", [position], [layer(1, 3)])], "damaged", /taken/],
  ["an unknown source", [network("a", [input("b")], [layer(1, 3)])], "damaged", /no source "b"/],
  ["itself as a source", [network("a", [input("a")], [layer(1, 3)])], "damaged", /no source "a"/],
  ["direction", [network("a", [input("direction")], [layer(1, 3)])], "damaged", /no source/],
  [
    "inputs that do not fit",
    [network("a", [position], [layer(1, 4)])],
    "damaged",
    /3 values enter/,
  ],
  ["unknown encoding", [network("a", [input("position", [3])], [layer(1, 3)])], "unsupported", /3/],
  [
    "a scale that is no float",
    [network("a", [input("position", [1, 1, 1, true])], [layer(1, 9)])],
    "damaged",
    /not a float/,
  ],
  [
    "a scale too large",
    [network("a", [input("position", [1, 1, new Float(2e30), true])], [layer(1, 9)])],
    "damaged",
    /1e30/,
  ],
  [
    "too many frequencies",
    [network("a", [input("position", [1, 33, new Float(1), true])], [layer(1, 9)])],
    "limit",
    /33/,
  ],
  [
    "harmonics of features",
    [network("a", [input("features", [2, 2])], [layer(1, 4)])],
    "damaged",
    /1 channels/,
  ],
  [
    "harmonics of degree 5",
    [network("a", [input("position", [2, 5])], [layer(1, 25)])],
    "damaged",
    /degree 5/,
  ],
  [
    "unknown activation",
    [network("a", [position], [layer(1, 3).set(2, 11)])],
    "unsupported",
    /entry 2 is 11/,
  ],
  [
    "a bias as a number",
    [network("a", [position], [layer(1, 3).set(3, 1)])],
    "damaged",
    /true nor/,
  ],
  [
    "a layer too wide",
    [network("a", [position], [layer(20000, 3), layer(1, 20000)])],
    "limit",
    /20000/,
  ],
  [
    "a skip to the first layer",
    [network("a", [position], [layer(1, 3)]).set(3, [0])],
    "damaged",
    /below 1/,
  ],
  [
    "a skip beyond the last",
    [network("a", [position], [layer(1, 3)]).set(3, [1])],
    "damaged",
    /layer 1/,
  ],
  [
    "a skip twice",
    [network("a", [position], [layer(1, 3), layer(1, 7)]).set(3, [1, 1])],
    "damaged",
    /twice/,
  ],
  [
    "channels out of order",
    [network("a", [input("position").set(2, [2, 2])], [layer(1, 1)])],
    "damaged",
    /channels 2 to 2/,
  ],
  [
    "channels that are not there",
    [network("a", [input("position").set(2, [0, 4])], [layer(1, 4)])],
    "damaged",
    /0 to 4 of 3/,
  ],
];
for (const [name, networks, code, message] of NETWORKS) {
  test(`network: ${name}`, () => {
    refused(nfc(header().set(3, networks), SOUND), code, message);
  });
}

test("a nerf needs its density, its colors and three dimensions", () => {
  const nerf = (...networks: Item[]): Header => header().set(0, 0).set(3, networks);
  const density = network("density", [position], [layer(1, 3)]);
  const color = network("color", [input("direction")], [layer(3, 3)]);
  const chunks: Chunk[] = [["NETW", zeros(12)], SOUND[1]];
  assert.equal(decode(nfc(nerf(density, color), chunks)).kind, "nerf");
  refused(nfc(nerf(color), chunks), "damaged", /no network "density"/);
  refused(nfc(nerf(color, density), chunks), "damaged", /1 outputs/);
});
