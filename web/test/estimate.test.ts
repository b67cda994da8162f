import assert from "node:assert/strict";
import { test } from "node:test";
import { decodedBytes } from "../src/coding/estimate.js";
import type { Header } from "../src/coding/header.js";
import { DEFAULT_MEMORY } from "../src/limits.js";

function estimate(occupancy: number[]): number {
  return decodedBytes({ field: { networks: [] }, levels: [], occupancy } as unknown as Header);
}

test("cells count by their number, in a row or in a cube", () => {
  assert.equal(estimate([1, 1, 4096]), estimate([16, 16, 16]));
  assert.ok(estimate([1, 1, 65536]) < 2 ** 23);
  assert.ok(estimate([256, 256, 256]) < DEFAULT_MEMORY);
  assert.ok(estimate([512, 512, 512]) > DEFAULT_MEMORY);
});
