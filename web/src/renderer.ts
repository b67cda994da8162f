export { Renderer, type RenderOptions, type View } from "./gpu/renderer.js";
