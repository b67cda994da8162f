/** Small files cannot ask for any amount of work (specification, section 9). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, FieldDecoder, parseFront } from "../src/codec/decoder.js";
import type { Coarser } from "../src/codec/contexts.js";
import type { Lattice } from "../src/codec/lattice.js";
import { parentClasses } from "../src/codec/neighbors.js";
import { MAX_WORK, Work } from "../src/codec/work.js";
import { join, level, nfc, packed, scalarHeader, u32, zeros, type Item } from "./build.js";
import { refused } from "./refused.js";
import { random } from "./repair.js";
import { vectorBytes, vectorNames } from "./vectors.js";

/** What Python counts for each golden file. */
const WORK = JSON.parse(readFileSync("../tests/coding/work.json", "utf8")) as Record<string, number>;

for (const name of vectorNames()) {
  test(`${name} takes as much work as Python says`, () => {
    const bytes = vectorBytes(name);
    const front = parseFront(bytes);
    assert.ok(!("need" in front));
    const decoder = new FieldDecoder(front);
    front.chunks.forEach(({ offset, length, known }, i) => {
      if (known) decoder.addChunk(i, bytes.subarray(offset, offset + length));
    });
    assert.equal(decoder.work, WORK[name]);
  });
}

test("work is refused above its limit, not at it", () => {
  const work = new Work();
  work.reach(2 ** 30);
  work.add(MAX_WORK, "here");
  assert.throws(() => work.add(1, "there"), { code: "limit", message: /^there: the work/ });
});

test("what a file may ask for grows with its bytes", () => {
  const work = new Work();
  work.reach(100);
  work.add(2 ** 21 + 25600, "here");
  assert.throws(() => work.add(1, "there"), { code: "limit", message: /for a file of 100 bytes/ });
});

/** A level of side^3 vectors that takes a few bytes, and many of 2^3 that look at it. */
function hostile(side: number, references: number): Uint8Array {
  const dense = (n: number): Item => level(0, [0, true, 0, n, n, n], n ** 3, [1, 1, 2]);
  const levels = [dense(side), ...Array.from({ length: references }, () => dense(2))];
  const reference = join([
    zeros(2),
    Uint8Array.of(3, 1, 0, 0, 1, 2, 1, 0),
    packed([0, 0], 5),
    packed([0, 0], 5),
    packed(new Array<number>(32).fill(0), 4),
    packed([1, 0], 1),
    u32(0),
  ]);
  const chunk = join([zeros(2), u32(0), ...Array<Uint8Array>(references).fill(reference)]);
  return nfc(scalarHeader(levels), [
    ["NETW", zeros(1)],
    ["LEVL", chunk],
  ]);
}

test("many levels that look at a large one are refused", () => {
  assert.equal(decode(hostile(64, 7)).lodsDecoded, 1);
  const file = hostile(64, 100);
  assert.ok(file.length < 10_000);
  refused(file, "limit", /the work of decoding/);
});

test("a level above a sparser or denser one finds its classes", () => {
  const next = random(3);
  const some = (n: number, share: number): Uint32Array =>
    Uint32Array.from({ length: n }, (_, i) => i).filter(() => next() < share);
  for (const [n, m, fine, coarse] of [
    [65, 33, 0.02, 1],
    [65, 33, 1, 0.1],
    [257, 129, 0.3, 0.3],
    [9, 257, 0.5, 0.9],
  ] as const) {
    const sites = some(n * n, fine);
    const coarseSites = some(m * m, coarse);
    const lattice: Lattice = { nz: 1, ny: n, nx: n, sites, rows: sites.length };
    const classes = Uint8Array.from(coarseSites, () => Math.floor(next() * 5));
    const of = new Map(Array.from(coarseSites, (site, i) => [site, classes[i]]));
    const coarser: Coarser = {
      lattice: { nz: 1, ny: m, nx: m, sites: coarseSites, rows: coarseSites.length },
      numClasses: 5,
      classes: () => classes,
    };
    const map = (x: number): number => Math.floor((x * (m - 1)) / (n - 1));
    const expected = Array.from(sites, (site) => {
      const at = map(Math.floor(site / n)) * m + map(site % n);
      return of.get(at) ?? 5;
    });
    assert.deepEqual([...parentClasses(lattice, coarser)], expected);
  }
});
