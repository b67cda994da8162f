// Prints what a page loads, minified and compressed, and fails above the budget.
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { bundles } from "./bundles.js";

/** Bytes of the module, its worker and its renderer, minified and gzipped. */
const BUDGET = 60_000;

const { outputFiles } = await bundles("dist", { write: false });
let total = 0;
for (const { path, contents } of outputFiles) {
  const size = gzipSync(contents, { level: 9 }).length;
  total += size;
  const [plain, zipped] = [contents.length, size].map((count) => String(count).padStart(7));
  console.log(`${basename(path).padEnd(20)} ${plain} bytes, ${zipped} gzipped`);
}
console.log(`together ${total} bytes gzipped, of at most ${BUDGET}`);
if (total > BUDGET) process.exitCode = 1;
