import assert from "node:assert/strict";
import { decode } from "../src/coding/decoder.js";
import { NfcError } from "../src/types.js";
import { join, level, scalarHeader, zeros, type Chunk, type Header, type Item } from "./build.js";

/** A scalar field of 2 x 2 x 2 vectors, indices below 3. */
export const DENSE: Item = [0, true, 0, 2, 2, 2];
export const header = (code: Item = [1, 3], layout: Item = DENSE): Header =>
  scalarHeader([level(0, layout, code)]);
export const NETW: Chunk = ["NETW", zeros(1)];
const CONSTANT = Uint8Array.of(0, 0, 2, 0);
export const indices = (section: Uint8Array): Chunk => ["LEVL", join([zeros(3), section])];
export const SOUND: Chunk[] = [NETW, indices(CONSTANT)];

export function refused(file: Uint8Array, code: string, message: RegExp): void {
  assert.throws(
    () => decode(file),
    (error) => {
      assert.ok(error instanceof NfcError, String(error));
      assert.match(error.message, message);
      assert.equal(error.code, code);
      return true;
    },
  );
}
