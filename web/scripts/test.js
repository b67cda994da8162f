// Compiles the tests and runs them with Node's own runner: npm test [-- name ...]
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { OPTIONS } from "./bundles.js";

function filesIn(folder, ending) {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => join(folder, name));
}

const names = process.argv.slice(2);
const tests = filesIn("test", ".test.ts").filter(
  (path) => names.length === 0 || names.some((name) => path.includes(name)),
);
if (tests.length === 0) throw new Error("no tests were found");
rmSync("build/test", { recursive: true, force: true });
await build({
  ...OPTIONS,
  entryPoints: tests,
  outdir: "build/test",
  platform: "node",
  target: "node20",
  sourcemap: "inline",
});
const run = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", ...filesIn("build/test", ".test.js")],
  { stdio: "inherit" },
);
process.exitCode = run.status ?? 1;
