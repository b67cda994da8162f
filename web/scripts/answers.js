// Compiles and runs test/answers.ts, by which tests compare this decoder with another.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { OPTIONS } from "./bundles.js";

await build({
  ...OPTIONS,
  entryPoints: ["test/answers.ts"],
  outdir: "build/answers",
  platform: "node",
  target: "node20",
});
const run = spawnSync(process.execPath, ["build/answers/answers.js"], { stdio: "inherit" });
process.exitCode = run.status ?? 1;
