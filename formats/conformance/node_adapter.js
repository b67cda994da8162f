// Answers the questions of the conformance runner for the decoder in web/.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";

const web = fileURLToPath(new URL("../../web/", import.meta.url));
const { build } = createRequire(`${web}package.json`)("esbuild");
await build({
  absWorkingDir: web,
  entryPoints: ["test/adapter.ts"],
  outfile: "build/adapter.mjs",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  loader: { ".wgsl": "text" },
});
const { answer } = await import(`${web}build/adapter.mjs`);

for await (const line of createInterface({ input: process.stdin })) {
  const { file, bytes } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(answer(readFileSync(file).subarray(0, bytes)))}\n`);
}
