import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decode } from "../src/coding/decoder.js";
import { summary } from "./summary.js";
import { FOLDER, vectorBytes, vectorJson, vectorNames } from "./vectors.js";

test("the golden files' bytes are what they always were", () => {
  const listed = readFileSync(join(FOLDER, "SHA256SUMS"), "utf8").trim().split("\n");
  const present = readdirSync(FOLDER).filter((name) => /\.(nfc|json)$/.test(name));
  assert.equal(listed.length, present.length);
  for (const line of listed) {
    const [digest, name] = line.split("  ") as [string, string];
    const bytes = readFileSync(join(FOLDER, name));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), digest, name);
  }
});

for (const name of vectorNames()) {
  test(`${name} decodes to the same integers`, () => {
    assert.deepEqual(summary(decode(vectorBytes(name))), vectorJson(name));
  });
}

test("bytes in Node's shared pool of buffers decode likewise", () => {
  const [name] = vectorNames();
  const bytes = vectorBytes(name!);
  const pool = Buffer.alloc(bytes.length + 16, 0xff);
  pool.set(bytes, 4);
  assert.deepEqual(summary(decode(pool.subarray(4, 4 + bytes.length))), vectorJson(name!));
});
