/** Small files cannot ask for any amount of work (specification, section 9). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FieldDecoder, parseFront } from "../src/coding/decoder.js";
import { MAX_WORK, Work } from "../src/container/work.js";
import { join, level, nfc, scalarHeader, u32, zeros, type Item } from "./build.js";
import { refused } from "./refused.js";
import { vectorBytes, vectorNames } from "./vectors.js";

/** What Python counts for each golden file. */
const WORK = JSON.parse(readFileSync("../tests/coding/work.json", "utf8")) as Record<
  string,
  number
>;

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

test("a small file of many levels of one value is refused", () => {
  const dense: Item = level(0, [0, true, 0, 64, 64, 64], [1, 2]);
  const count = 100;
  const constant = join([zeros(2), u32(0)]);
  const file = nfc(scalarHeader(Array<Item>(count).fill(dense)), [
    ["NETW", zeros(1)],
    ["LEVL", join(Array<Uint8Array>(count).fill(constant))],
  ]);
  assert.ok(file.length < 10_000);
  refused(file, "limit", /the work of decoding/);
});
