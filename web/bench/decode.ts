/**
 * How fast whole files are decoded, octrees and all: indices per second of CPU time and of wall time.
 * Without files, a made-up field of two dense levels, of 2.4 million 4-bit indices in contexts.
 */

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { decode } from "../src/coding/decoder.js";
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

/** Indices of a file. */
function countIndices(file: Uint8Array): number {
  const levels = decode(file).grids.flatMap((grid) => grid.levels);
  return levels.reduce((sum, { code, rows }) => sum + (code?.kind === "vq" ? rows : 0), 0);
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
  const indices = countIndices(bytes);
  for (let i = 1; i < WARM_UP; i++) once(bytes);
  const timings = Array.from({ length: ROUNDS }, () => once(bytes));
  const cpu = median(timings.map((timing) => timing.cpu));
  const wall = median(timings.map((timing) => timing.wall));
  const rate = (seconds: number): string => (indices / seconds / 1e6).toFixed(1);
  console.log(
    `${name}: ${bytes.length} bytes, ${indices} indices; median of ${ROUNDS}: ` +
      `${(1e3 * cpu).toFixed(1)} ms of CPU, ${rate(cpu)} M indices/s; ` +
      `${(1e3 * wall).toFixed(1)} ms by the clock, ${rate(wall)} M indices/s; ` +
      `first time ${(1e3 * first.cpu).toFixed(1)} ms of CPU`,
  );
}
