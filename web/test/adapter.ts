/** What this decoder says of a file, as `formats/conformance` asks. */

import { decode } from "../src/coding/decoder.js";
import { NfcError } from "../src/types.js";
import { summary } from "./summary.js";

/** Names of the answers where they are not those of the errors' codes. */
const ANSWERS: Partial<Record<string, string>> = { damaged: "rejected" };

const plain = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? Number(value) : value;

export function answer(bytes: Uint8Array): object {
  try {
    const field = decode(Uint8Array.from(bytes));
    const grids = field.grids.map((grid) => ({
      ...grid,
      levels: grid.levels.filter(({ code }) => code !== null), // what has not arrived
    }));
    // JSON has no integers beyond 2^53.
    const metadata = JSON.parse(JSON.stringify(field.metadata, plain)) as typeof field.metadata;
    return { answer: "accepted", decoded: summary({ ...field, grids, metadata }) };
  } catch (error) {
    if (!(error instanceof NfcError)) throw error;
    return { answer: ANSWERS[error.code] ?? error.code, message: error.message };
  }
}
