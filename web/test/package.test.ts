// What the package says of itself, as it is seen by those who install it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("no link of the README leads out of the package", () => {
  const links = [...readFileSync("README.md", "utf8").matchAll(/\]\(([^)]*)\)/g)].map(
    ([, to]) => to,
  );
  assert.deepEqual(
    links.filter((to) => !/^(https:\/\/|#)/.test(to)),
    [],
  );
});

test("the types that the renderer's types name are declared", () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync("package.json", "utf8"),
  );
  assert.ok("@webgpu/types" in peerDependencies);
  assert.equal(peerDependenciesMeta["@webgpu/types"].optional, true);
});
