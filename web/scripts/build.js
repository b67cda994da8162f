// Builds the package into dist/: the module, the renderer, the worker, and their types.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundles } from "./bundles.js";

rmSync("dist", { recursive: true, force: true });
await bundles("dist", { sourcemap: "external" });
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
const types = spawnSync(
  process.execPath,
  [join(typescript, "bin", "tsc"), "--project", "tsconfig.types.json"],
  { stdio: "inherit" },
);
process.exitCode = types.status ?? 1;
