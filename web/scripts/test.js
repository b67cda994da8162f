// Compiles tests and runs them with Node's own runner: those of a folder of test/, or of test/ itself
// without "--in", or only those whose names contain a word.
//
//   node scripts/test.js [--in page] [word ...]
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { OPTIONS } from "./bundles.js";

function filesIn(folder, ending) {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => join(folder, name));
}

const { values, positionals: words } = parseArgs({
  options: { in: { type: "string", default: "" } },
  allowPositionals: true,
});
const out = join("build/test", values.in || "node");
const tests = filesIn(join("test", values.in), ".test.ts").filter(
  (path) => words.length === 0 || words.some((word) => path.includes(word)),
);
if (tests.length === 0) throw new Error("no tests were found");
rmSync(out, { recursive: true, force: true });
await build({
  ...OPTIONS,
  entryPoints: tests,
  outdir: out,
  packages: "external",
  platform: "node",
  target: "node20",
  sourcemap: "inline",
});
const run = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", ...filesIn(out, ".test.js")],
  { stdio: "inherit" },
);
process.exitCode = run.status ?? 1;
