import assert from "node:assert/strict";
import { test } from "node:test";
import { decodedBytes } from "../src/codec/estimate.js";
import { DEFAULT_MEMORY } from "../src/codec/limits.js";
import type { Header } from "../src/codec/header.js";

function estimate(occupancy: number[]): number {
  return decodedBytes({ field: { networks: [] }, levels: [], occupancy } as unknown as Header);
}

test("few cells in a long row take planes as long as the row squared", () => {
  // What mixed counts look back at for them: three planes of voxels and three of their children.
  const [voxels, children] = [2 ** 15, 2 ** 16];
  assert.ok(estimate([1, 1, 65536]) >= 3 * (voxels ** 2 + children ** 2));
  assert.ok(estimate([1, 1, 65536]) > DEFAULT_MEMORY);
  assert.ok(estimate([128, 128, 128]) < DEFAULT_MEMORY);
});
