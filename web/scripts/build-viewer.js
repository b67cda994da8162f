/**
 * Builds the viewer's page into nfcodec/viewer/site, from where Python serves and exports it.
 *
 *   node scripts/build-viewer.js [--watch] [--out FOLDER]
 *
 * build.json beside the page lists every source with its SHA-256: a test holds the committed page
 * against it.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, context, version } from "esbuild";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const root = resolve(web, "..");
const pages = join(web, "src/viewer");
const { values } = parseArgs({
  options: { watch: { type: "boolean", default: false }, out: { type: "string" } },
});
const out = resolve(values.out ?? join(root, "nfcodec/viewer/site"));

const options = {
  absWorkingDir: web,
  entryPoints: {
    viewer: "src/viewer/main.ts",
    worker: "src/worker.ts",
    style: "src/viewer/viewer.css",
  },
  outdir: join(out, "assets"),
  bundle: true,
  splitting: true, // what the page and its worker share is loaded once
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  minify: true,
  legalComments: "none",
  loader: { ".wgsl": "text" },
  metafile: true,
  write: false,
};

/** The program of a page that is a single file: page, worker and decoder in one. */
const single = {
  ...options,
  entryPoints: { single: "src/viewer/single.ts" },
  outdir: out,
  splitting: false,
  // Pages opened from disk start no workers from modules.
  format: "iife",
  define: { "import.meta.url": '""' },
};

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Write the outputs of one build, the page around them, and the list of sources. */
async function write(result) {
  const html = await readFile(join(pages, "index.html"), "utf8");
  const icon = await readFile(join(pages, "favicon.svg"));
  const digest = sha256(result.outputFiles.map((file) => file.hash).join()).slice(0, 10);
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, "assets"), { recursive: true });
  const whole = await build(single);
  for (const file of [...result.outputFiles, ...whole.outputFiles]) {
    await writeFile(file.path, file.contents);
  }
  await writeFile(join(out, "favicon.svg"), icon);
  // The page asks for its parts by their content, so that caches never mix two versions.
  // What they import is asked for at once, not when they have arrived.
  const shared = result.outputFiles
    .map((file) => relative(join(out, "assets"), file.path))
    .filter((name) => name.startsWith("chunk-"));
  const ahead = shared.map((name) => `<link rel="modulepreload" href="assets/${name}" />`);
  await writeFile(
    join(out, "index.html"),
    html.replaceAll("BUILD", digest).replace("<!-- ahead -->", ahead.join("\n    ")),
  );
  const inputs = [
    ...new Set(
      [result, whole].flatMap(({ metafile }) =>
        Object.keys(metafile.inputs).map((path) => resolve(web, path)),
      ),
    ),
    join(pages, "index.html"),
    join(pages, "favicon.svg"),
    fileURLToPath(import.meta.url),
  ];
  const sources = {};
  for (const path of inputs.sort()) {
    sources[relative(root, path)] = sha256(await readFile(path));
  }
  const record = { esbuild: version, sources };
  await writeFile(join(out, "build.json"), JSON.stringify(record, null, 1) + "\n");
  const bytes = result.outputFiles.reduce((sum, file) => sum + file.contents.length, 0);
  console.log(`${relative(process.cwd(), out)}: ${bytes} bytes of code and style`);
}

if (values.watch) {
  const writing = { name: "write", setup: (step) => step.onEnd((result) => write(result)) };
  const watcher = await context({ ...options, plugins: [writing] });
  await watcher.watch();
} else {
  await write(await build(options));
}
