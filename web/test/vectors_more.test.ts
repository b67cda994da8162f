/** The vectors beside the golden files: files to be refused, costly ones, compact ones. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32c } from "../src/container/crc32c.js";
import { decode } from "../src/coding/decoder.js";
import { unpack } from "../src/container/packed.js";
import { NfcError, type Field } from "../src/types.js";
import { toHalves } from "./summary.js";
import { FOLDER } from "./vectors.js";

interface Listed {
  section?: string;
  rule: string;
  answer: string;
  file: string;
  crc32c?: number;
}

function listed(name: string): Listed[] {
  return JSON.parse(readFileSync(join(FOLDER, "..", name), "utf8")) as Listed[];
}

const bytesOf = ({ file }: Listed): Uint8Array => new Uint8Array(Buffer.from(file, "base64"));

/** Whether a file has an image decoder, which is not read here. */
const hasImage = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes("PICT");

function answer(bytes: Uint8Array): string {
  try {
    decode(bytes);
    return "accepted";
  } catch (error) {
    if (error instanceof NfcError) return error.code === "damaged" ? "rejected" : error.code;
    throw error;
  }
}

for (const name of ["edges", "costly"]) {
  test(`${name} files get their answers`, () => {
    for (const file of listed(`v1-refused/${name}.json`)) {
      const bytes = bytesOf(file);
      const found = answer(bytes);
      if (hasImage(bytes)) assert.notEqual(found, "accepted", file.rule);
      else assert.equal(found, file.answer, `${file.section ?? ""} ${file.rule}`);
    }
  });
}

test("costly files take little time and memory", () => {
  for (const file of listed("v1-refused/costly.json")) {
    const bytes = bytesOf(file);
    const memory = process.memoryUsage().rss;
    const start = process.cpuUsage();
    answer(bytes);
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 500_000, file.rule);
    assert.ok(process.memoryUsage().rss - memory < 100e6, file.rule);
  }
});

/** All decoded arrays, in the order that formats/vectors/README.md states. */
function* decodedArrays(field: Field): Generator<ArrayBufferView> {
  for (const { layout, code, rows } of field.grids.flatMap(({ levels }) => levels)) {
    if (layout.kind === "octree") {
      yield BigUint64Array.from(layout.voxels, BigInt);
      const n = 2 ** layout.depth + 1;
      yield Int32Array.from(
        Array.from(layout.corners, (site) => [
          site % n,
          Math.floor(site / n) % n,
          Math.floor(site / (n * n)),
        ]).flat(),
      );
    }
    if (code?.kind === "vq") {
      yield unpack(code.packed, rows, code.bits);
      yield code.codebook;
    } else if (code?.kind === "float16") yield code.values;
    else if (code?.kind === "lowrank") yield* [code.mean, code.basis, code.coefficients];
  }
  for (const { weight, bias } of field.networks.flatMap(({ layers }) => layers)) {
    yield toHalves(weight);
    if (bias !== null) yield toHalves(bias);
  }
  if (field.occupancy !== null) {
    const { shape, cells } = field.occupancy;
    const count = shape.reduce((product, side) => product * side, 1);
    yield Uint8Array.from({ length: count }, (_, i) => (cells[i >> 3] >> (i & 7)) & 1);
  }
}

test("compact files decode to what is stated", () => {
  const files = listed("v1-more/compact.json").filter((file) => !hasImage(bytesOf(file)));
  assert.equal(files.length, 16);
  files.forEach((file, i) => {
    let crc = 0;
    for (const { buffer, byteOffset, byteLength } of decodedArrays(decode(bytesOf(file)))) {
      crc = crc32c(new Uint8Array(buffer, byteOffset, byteLength), crc);
    }
    assert.equal(crc, file.crc32c, `file ${i}`);
  });
});

test("fields with values beside them are read", () => {
  for (const name of ["space", "functions", "flat"]) {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, "..", "v1-more", `${name}.nfc`)));
    const { lods, lodsDecoded } = decode(bytes);
    assert.equal(lodsDecoded, lods);
  }
});
