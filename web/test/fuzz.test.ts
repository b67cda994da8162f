import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FieldDecoder, decode, parseFront, type Front } from "../src/coding/decoder.js";
import { NfcError, type Field } from "../src/types.js";
import { repaired } from "./repair.js";
import { vectorBytes, vectorNames } from "./vectors.js";

const RUNS = 1500;
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** One change of a file. Places and lengths are shares of the file's own length. */
type Edit =
  | { kind: "flip"; at: number; bit: number }
  | { kind: "byte"; at: number; value: number }
  | { kind: "number"; at: number; value: number }
  | { kind: "delete" | "double"; at: number; length: number }
  | { kind: "move"; at: number; to: number; length: number }
  | { kind: "cut"; at: number };

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const length = fc.constantFrom(1, 2, 4, 8, 32);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("byte" as const), at, value: fc.nat(255) }),
  fc.record({ kind: fc.constant("number" as const), at, value: fc.constantFrom(...EDGES) }),
  fc.record({ kind: fc.constantFrom("delete" as const, "double" as const), at, length }),
  fc.record({ kind: fc.constant("move" as const), at, to: at, length }),
  fc.record({ kind: fc.constant("cut" as const), at }),
);

function edited(file: Uint8Array<ArrayBuffer>, change: Edit): Uint8Array<ArrayBuffer> {
  const place = Math.floor(change.at * file.length);
  const [before, after] = [file.subarray(0, place), file.subarray(place)];
  const bytes = file.slice();
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
  switch (change.kind) {
    case "flip":
      if (place < bytes.length) bytes[place] ^= 1 << change.bit;
      return bytes;
    case "byte":
      if (place < bytes.length) bytes[place] = change.value;
      return bytes;
    case "number": {
      const word = Uint8Array.from([0, 8, 16, 24], (shift) => (change.value / 2 ** shift) & 255);
      bytes.set(word.subarray(0, file.length - place), place);
      return bytes;
    }
    case "delete":
      return joined(before, after.subarray(change.length));
    case "double":
      return joined(before, after.subarray(0, change.length), after);
    case "move":
      bytes.copyWithin(Math.floor(change.to * file.length), place, place + change.length);
      return bytes;
    case "cut":
      return before;
  }
}

/** The field, or the code of the decoder's own error; whatever else is thrown is a failure. */
function outcome(read: () => Field): Field | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NfcError)) throw error;
    return error.code;
  }
}

/** Decoded as a page does it: the front from a prefix, then chunk by chunk. */
function streamed(file: Uint8Array): Field {
  const front = parseFront(file) as Front;
  const decoder = new FieldDecoder(front);
  front.chunks.forEach((chunk, index) => {
    const bytes = file.subarray(chunk.offset, chunk.offset + chunk.length);
    if (chunk.known && bytes.length === chunk.length) decoder.addChunk(index, bytes);
  });
  return decoder.field;
}

const small = vectorNames().filter((name) => vectorBytes(name).length < 3000);
const mutant = fc
  .tuple(fc.constantFrom(...small), fc.array(edit, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([name, edits, repairs]) => {
    const file = edits.reduce(edited, vectorBytes(name));
    return repairs && file.length >= 20 ? repaired(file) : file;
  });

test("any damage ends in the decoder's own error or in a field, whichever way it is read", () => {
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(mutant, (file) => {
      const found = outcome(() => decode(file));
      assert.deepEqual(
        outcome(() => decode(file)),
        found,
      );
      const key = typeof found === "string" ? found : "field";
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (typeof found !== "string" && found.lodsDecoded === found.lods) {
        assert.deepEqual(streamed(file), found);
      }
    }),
    { numRuns: RUNS, seed: 21 },
  );
  assert.ok((counts.get("field") ?? 0) > RUNS / 50, JSON.stringify([...counts]));
  assert.ok((counts.get("damaged") ?? 0) > RUNS / 4, JSON.stringify([...counts]));
});

test("the front of a damaged file is refused or known from any prefix", () => {
  fc.assert(
    fc.property(mutant, at, (file, share) => {
      const whole = front(file);
      const part = front(file.subarray(0, Math.floor(share * file.length)));
      // A prefix may be too short to say; what it does say is what the whole file says.
      if (part !== null && whole !== null && typeof part !== "string") {
        assert.deepEqual(part, whole);
      }
    }),
    { numRuns: RUNS, seed: 22 },
  );
});

function front(file: Uint8Array): Front | string | null {
  try {
    const found = parseFront(file);
    return found !== null && "chunks" in found ? found : null;
  } catch (error) {
    if (!(error instanceof NfcError)) throw error;
    return error.code;
  }
}
