// Compiles the tests and runs them with Node's own runner: npm test [-- name ...]
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { globSync } from "./files.js";
import { build } from "esbuild";

const names = process.argv.slice(2);
const tests = globSync("test", ".test.ts").filter(
  (path) => names.length === 0 || names.some((name) => path.includes(name)),
);
if (tests.length === 0) throw new Error("no tests were found");
rmSync("build/test", { recursive: true, force: true });
await build({
  entryPoints: tests,
  outdir: "build/test",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "es2022",
  sourcemap: "inline",
  loader: { ".wgsl": "text" },
});
const compiled = globSync("build/test", ".test.js");
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...compiled], {
  stdio: "inherit",
});
process.exitCode = run.status ?? 1;
