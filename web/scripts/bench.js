// Measures decoding: npm run bench [-- file.nfc ...]
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { OPTIONS } from "./bundles.js";

await build({
  ...OPTIONS,
  entryPoints: ["bench/decode.ts"],
  outdir: "build/bench",
  platform: "node",
  target: "node20",
});
const files = process.argv.slice(2);
const run = spawnSync(process.execPath, ["build/bench/decode.js", ...files], { stdio: "inherit" });
process.exitCode = run.status ?? 1;
