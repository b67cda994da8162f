import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, parseFront, type Front } from "../src/coding/decoder.js";
import { NfcError, type Field } from "../src/types.js";
import { random, repaired } from "./repair.js";
import { vectorBytes, vectorNames } from "./vectors.js";

const FLIPS = 2000;
/** Golden files take some milliseconds; a damaged one that takes this long is a hang in the making. */
const PATIENCE = 20_000;

/** The field, or the error that the decoder may throw; anything else is a failure. */
function outcome(bytes: Uint8Array): Field | NfcError {
  const start = performance.now();
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof NfcError)) throw error;
    assert.ok(error.message.length > 10);
    return error;
  } finally {
    assert.ok(performance.now() - start < PATIENCE, "decoding takes far too long");
  }
}

for (const name of vectorNames()) {
  const file = vectorBytes(name);
  const front = parseFront(file) as Front;
  const whole = decode(file);

  test(`${name} cut anywhere is the field of the LODs and layers that are there, or refused`, () => {
    const steps = front.chunks.filter(({ lod }) => lod !== null);
    let [end, shorter] = [0, whole];
    for (let length = 0; length < file.length; length++) {
      const found = outcome(file.subarray(0, length));
      const there = steps.filter((step) => step.offset + step.length <= length);
      const lods = there.filter(({ type }) => type === "LEVL").length;
      if (lods === 0) {
        assert.ok(found instanceof NfcError && found.code === "damaged", `${length} bytes`);
        continue;
      }
      assert.ok(!(found instanceof NfcError), `${length} bytes: ${(found as NfcError).message}`);
      assert.equal(found.lodsDecoded, lods);
      const codes = (field: Field) => field.grids.flatMap(({ levels }) => levels);
      const last = there[there.length - 1];
      if (last.offset + last.length !== end) {
        end = last.offset + last.length;
        shorter = decode(file.subarray(0, end));
      }
      codes(found).forEach((level, i) => {
        if (level.lod >= lods) assert.equal(level.code, null);
        else if (front.lodEnds[level.lod] > length) assert.deepEqual(level, codes(shorter)[i]);
        else assert.deepEqual(level, codes(whole)[i]);
      });
    }
  });

  test(`${name} with a bit flipped is refused, or the same`, () => {
    const next = random(1);
    let refused = 0;
    for (let i = 0; i < FLIPS; i++) {
      const at = Math.floor(next() * file.length);
      const flipped = file.slice();
      flipped[at] ^= 1 << Math.floor(next() * 8);
      const found = outcome(flipped);
      if (found instanceof NfcError) refused++;
      else assert.deepEqual(found, whole, `byte ${at}`);
    }
    assert.ok(refused > 0.9 * FLIPS, `${refused} refused`);
  });

  test(`${name} with a flip that checksums do not show is refused or a field`, () => {
    const next = random(2);
    const codes = new Map<string, number>();
    for (let i = 0; i < FLIPS; i++) {
      const flipped = file.slice();
      for (let flips = 1 + Math.floor(next() * 3); flips > 0; flips--) {
        flipped[Math.floor(next() * file.length)] ^= 1 << Math.floor(next() * 8);
      }
      const found = outcome(repaired(flipped));
      const code = found instanceof NfcError ? found.code : "field";
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    assert.ok((codes.get("damaged") ?? 0) > 0 && (codes.get("field") ?? 0) > 0);
    assert.equal(codes.get("network"), undefined);
  });
}
