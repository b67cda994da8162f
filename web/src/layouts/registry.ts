import type { Layout } from "../types.js";
import { Registry } from "../registry.js";
import { dense } from "./dense.js";
import type { LayoutType } from "./layout.js";
import { octree } from "./octree.js";

/** All layouts: to add one, write its {@link LayoutType} and list it here. */
// biome-ignore lint/suspicious/noExplicitAny: each member takes its own layout
export const LAYOUTS = new Registry<LayoutType<any>>("layout", [dense, octree]);

/** What a layout answers for itself. */
export function layoutType<L extends Layout>(layout: L): LayoutType<L> {
  return LAYOUTS.of(layout) as LayoutType<L>;
}
