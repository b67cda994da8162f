import { build } from "esbuild";

export const OPTIONS = {
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  legalComments: "none",
  loader: { ".wgsl": "text" },
};

/**
 * Builds the package's entries into `outdir`: what they share is in chunks of its own, which a page
 * and its worker load once.
 */
export const DECODER = {
  index: "src/index.ts",
  renderer: "src/renderer.ts",
  worker: "src/worker.ts",
};
export const ELEMENT = {
  "nf-viewer": "src/element/element.ts",
  scene: "src/element/scene.ts",
};

export function bundles(outdir, options = {}) {
  return build({
    ...OPTIONS,
    entryPoints: { ...DECODER, ...ELEMENT },
    outdir,
    splitting: true,
    minify: true,
    ...options,
  });
}
