/**
 * How fast files are decoded: symbols of the entropy coder per second of CPU time and of wall time.
 * Without files, a made-up field of two dense levels, of 2.4 million 4-bit indices in contexts.
 */

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { AnsDecoder } from "../src/codec/ans.js";
import { decode } from "../src/codec/decoder.js";
import { madeUpField } from "../test/build.js";

const WARM_UP = 5;
const ROUNDS = 15;

interface Timing {
  cpu: number;
  wall: number;
}

function once(file: Uint8Array): Timing {
  const start = performance.now();
  const before = process.cpuUsage();
  decode(file);
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3 };
}

/** Symbols that the entropy coder gives for a file. */
function countSymbols(file: Uint8Array): number {
  const decodeRun = AnsDecoder.prototype.decode;
  let count = 0;
  AnsDecoder.prototype.decode = function (table, out, order, from, to) {
    count += to - from;
    decodeRun.call(this, table, out, order, from, to);
  };
  decode(file);
  AnsDecoder.prototype.decode = decodeRun;
  return count;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

const files = process.argv.slice(2).map((path) => ({
  name: basename(path),
  bytes: new Uint8Array(readFileSync(path)),
}));
if (files.length === 0) files.push({ name: "made-up field", bytes: madeUpField([64, 64, 64]) });

console.log(`Node ${process.version}, ${cpus()[0].model}`);
for (const { name, bytes } of files) {
  const first = once(bytes);
  const symbols = countSymbols(bytes);
  for (let i = 1; i < WARM_UP; i++) once(bytes);
  const timings = Array.from({ length: ROUNDS }, () => once(bytes));
  const cpu = median(timings.map((timing) => timing.cpu));
  const wall = median(timings.map((timing) => timing.wall));
  const rate = (seconds: number): string => (symbols / seconds / 1e6).toFixed(1);
  console.log(
    `${name}: ${bytes.length} bytes, ${symbols} symbols; median of ${ROUNDS}: ` +
      `${(1e3 * cpu).toFixed(1)} ms of CPU, ${rate(cpu)} M symbols/s; ` +
      `${(1e3 * wall).toFixed(1)} ms by the clock, ${rate(wall)} M symbols/s; ` +
      `first time ${(1e3 * first.cpu).toFixed(1)} ms of CPU`,
  );
}
