/**
 * What the decoder makes of files: a line of base64 on stdin for each, a line of JSON on stdout with
 * `{"field": ...}` in the form of the golden files, `{"lods": n}` for a cut file, or `{"error": code}`.
 */

import { createInterface } from "node:readline";
import { decode } from "../src/coding/decoder.js";
import { NfcError } from "../src/types.js";
import { summary } from "./summary.js";

function answer(line: string): object {
  try {
    const field = decode(new Uint8Array(Buffer.from(line, "base64")));
    const { lods, lodsDecoded } = field;
    return lodsDecoded < lods ? { lods: lodsDecoded } : { field: summary(field) };
  } catch (error) {
    if (error instanceof NfcError) return { error: error.code, message: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
