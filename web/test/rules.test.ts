/** The vectors that break rules, and those of every form, as `formats/conformance` compares them. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { answer } from "./adapter.js";
import { FOLDER } from "./vectors.js";

const REFUSED = join(FOLDER, "..", "v1-refused");
/** Files of the image stage, which this decoder does not read. */
const IMAGES = "V.json";

interface Answer {
  answer: string;
  message?: string;
  decoded?: Record<string, unknown>;
}

const answerTo = (file: string): Answer => answer(Buffer.from(file, "base64")) as Answer;

const names = readdirSync(REFUSED).filter((name) => /^[A-Z]\.json$/.test(name));

test("there are files for each letter of the rules", () => {
  assert.deepEqual(
    names.sort(),
    [..."CFHLPSTV"].map((letter) => `${letter}.json`),
  );
});

for (const name of names) {
  test(`each file of ${name} gets its answer`, () => {
    const files = JSON.parse(readFileSync(join(REFUSED, name), "utf8")) as {
      rule: string;
      what: string;
      answer: string;
      file: string;
    }[];
    assert.ok(files.length > 0);
    for (const { rule, what, answer: wanted, file } of files) {
      const found = answerTo(file);
      const text = `${rule} ${what}: ${found.message ?? ""}`;
      if (name === IMAGES && found.answer === "unsupported") continue;
      assert.equal(found.answer, wanted, text);
    }
  });
}

test("every form decodes to what is stated", () => {
  const path = join(FOLDER, "..", "v1-more", "forms.json");
  const files = JSON.parse(readFileSync(path, "utf8")) as {
    what: string;
    file: string;
    decoded: Record<string, unknown>;
  }[];
  assert.ok(files.length > 40);
  for (const { what, file, decoded } of files) {
    const found = answerTo(file);
    assert.equal(found.answer, "accepted", `${what}: ${found.message ?? ""}`);
    for (const [key, value] of Object.entries(decoded)) {
      assert.deepEqual(found.decoded?.[key], value, `${what}: ${key}`);
    }
  }
});
