// Compiles test/fuzz_answers.ts and runs it on this process's stdin and stdout, for a fuzzer.
import { build } from "esbuild";
import { OPTIONS } from "./bundles.js";

await build({
  ...OPTIONS,
  entryPoints: ["test/fuzz_answers.ts"],
  outdir: "build/answers",
  platform: "node",
  target: "node20",
});
await import("../build/answers/fuzz_answers.js");
