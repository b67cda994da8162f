/**
 * What the decoder makes of many files, for comparison with another decoder: on stdin each file
 * after its length (u32), on stdout for each 9 bytes: a code, the CRC-32C of all that was decoded in
 * the order of `tests/fuzz/digest.py`, and the microseconds it took.
 */

import { crc32c } from "../src/container/crc32c.js";
import { decode } from "../src/coding/decoder.js";
import { unpack } from "../src/container/packed.js";
import { NfcError, type Field, type Level } from "../src/types.js";

/** Codes of answers; `CRASHED` is whatever is no error of the decoder's own. */
const CODES = { accepted: 0, damaged: 1, unsupported: 2, limit: 3, network: 4, crashed: 5 };

class Digest {
  private crc = 0;
  private readonly text = new TextEncoder();

  get value(): number {
    return this.crc;
  }

  array(values: ArrayBufferView): void {
    const { buffer, byteOffset, byteLength } = values;
    this.crc = crc32c(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), this.crc);
  }

  string(text: string): void {
    this.array(this.text.encode(text));
  }

  counts(...values: number[]): void {
    this.array(Uint32Array.from(values));
  }

  plain(value: unknown): void {
    if (value === null || typeof value === "boolean") {
      this.string(value === null ? "n" : value ? "t" : "f");
    } else if (typeof value === "number" || typeof value === "bigint") {
      this.string("d");
      this.array(Float64Array.of(Number(value) + 0));
    } else if (typeof value === "string") {
      this.string(`s${value}\0`);
    } else if (Array.isArray(value)) {
      this.string("[");
      for (const item of value) this.plain(item);
      this.string("]");
    } else {
      const map = value as Record<string, unknown>;
      const keys = Object.keys(map).map((key) => [this.text.encode(key), key] as const);
      this.string("{");
      for (const [, key] of keys.sort(([a], [b]) => Buffer.compare(a, b))) {
        this.string(`s${key}\0`);
        this.plain(map[key]);
      }
      this.string("}");
    }
  }
}

function addLevel(digest: Digest, { lod, layout, rows, code }: Level): void {
  if (code === null) return;
  digest.counts(lod);
  digest.string(code.kind);
  if (layout.kind === "octree") {
    digest.counts(layout.depth);
    digest.array(layout.voxels);
    digest.array(layout.corners);
  } else {
    digest.counts(...layout.shape);
  }
  if (code.kind === "vq") {
    digest.array(Uint16Array.from(unpack(code.packed, rows, code.bits)));
    digest.array(code.codebook);
  } else if (code.kind === "lowrank") {
    digest.array(code.mean);
    digest.array(code.basis);
    digest.array(code.coefficients);
  } else if (code.kind === "lattice") {
    for (const channel of code.values) digest.array(channel);
  } else {
    digest.array(code.values);
  }
}

/**
 * Whether this may be what another decoder has in place of a level that the file was cut before: a
 * lattice of zeros.
 */
function standsIn({ layout, code }: Level): boolean {
  const smallest = layout.kind === "dense" && layout.shape.every((side) => side === 2);
  return smallest && code?.kind === "float16" && code.values.every((value) => value === 0);
}

function digestOf(field: Field): number {
  const digest = new Digest();
  digest.array(field.bounds);
  digest.string(field.kind);
  const cut = field.lodsDecoded < field.lods;
  const levels = field.grids
    .flatMap((grid) => grid.levels)
    .filter((level) => level.code !== null && !(cut && standsIn(level)));
  digest.counts(levels.length);
  for (const level of levels) addLevel(digest, level);
  for (const grid of cut ? [] : field.grids) {
    digest.string(grid.combine);
    for (const { transform } of grid.levels) if (transform !== null) digest.array(transform);
  }
  for (const network of field.networks) {
    digest.string(network.name);
    for (const { activation, gain, weight, bias } of network.layers) {
      digest.string(activation);
      digest.array(Float64Array.of(gain));
      digest.array(weight);
      if (bias !== null) digest.array(bias);
    }
  }
  if (field.occupancy !== null) {
    const { shape, cells } = field.occupancy;
    digest.counts(...shape);
    digest.array(cells.subarray(0, Math.ceil(shape.reduce((a, b) => a * b, 1) / 8)));
  }
  digest.plain(field.metadata);
  return digest.value;
}

function answer(file: Uint8Array): Buffer {
  const start = performance.now();
  const record = Buffer.alloc(9);
  try {
    record.writeUInt32LE(digestOf(decode(file)), 1);
  } catch (error) {
    const own = error instanceof NfcError;
    record[0] = own ? CODES[error.code] : CODES.crashed;
    if (!own) process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    else if (process.argv.includes("--messages")) process.stderr.write(`${error.message}\n`);
  }
  record.writeUInt32LE(Math.round((performance.now() - start) * 1000), 5);
  return record;
}

let pending = Buffer.alloc(0);
for await (const part of process.stdin) {
  pending = Buffer.concat([pending, part as Buffer]);
  let at = 0;
  const answers: Buffer[] = [];
  while (pending.length - at >= 4) {
    const end = at + 4 + pending.readUInt32LE(at);
    if (end > pending.length) break;
    answers.push(answer(new Uint8Array(pending.subarray(at + 4, end))));
    at = end;
  }
  pending = pending.subarray(at);
  if (answers.length > 0) process.stdout.write(Buffer.concat(answers));
}
