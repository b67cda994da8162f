// Prints what a page loads, minified and compressed, and fails above the budgets.
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { bundles, DECODER, ELEMENT } from "./bundles.js";

/** Bytes of the module, its worker and its renderer, and of the element with all of them. */
const BUDGETS = [
  ["module, renderer and worker", DECODER, 60_000],
  ["with the element", { ...DECODER, ...ELEMENT }, 65_000],
];

for (const [what, entryPoints, budget] of BUDGETS) {
  const { outputFiles } = await bundles("dist", { write: false, entryPoints });
  let total = 0;
  for (const { path, contents } of outputFiles) {
    const size = gzipSync(contents, { level: 9 }).length;
    total += size;
    const [plain, zipped] = [contents.length, size].map((count) => String(count).padStart(7));
    console.log(`${basename(path).padEnd(20)} ${plain} bytes, ${zipped} gzipped`);
  }
  console.log(`${what}: ${total} bytes gzipped, of at most ${budget}`);
  if (total > budget) process.exitCode = 1;
}
