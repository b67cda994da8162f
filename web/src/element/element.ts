/**
 * `<nf-viewer src="scene.nfc" poster="scene.webp" auto-rotate>`: a field in any page.
 *
 * Importing this module defines the element. Its parts for style sheets: `image`, `poster`, `bar`,
 * `message`. Its events: `load` (all of the file is there), `progress`, `shown`, `view-change`, and
 * `error`, each with a `detail`.
 */

import { NfcError } from "../types.js";
import { Scene, type View } from "./scene.js";

const STYLE = `
:host { display: block; position: relative; width: 100%; aspect-ratio: 4 / 3; overflow: hidden; }
:host([hidden]) { display: none; }
div, img { position: absolute; inset: 0; width: 100%; height: 100%; }
div { outline: none; cursor: grab; }
div:active { cursor: grabbing; }
div:focus-visible { box-shadow: inset 0 0 0 2px Highlight; }
canvas { width: 100%; height: 100%; display: block; }
img { object-fit: contain; pointer-events: none; }
hr { position: absolute; inset: auto auto 0 0; height: 3px; width: 0; margin: 0; border: 0;
  background: currentcolor; opacity: 0.5; }
p { position: absolute; inset: auto 0 0; margin: 0; padding: 6px 12px; font: 13px system-ui;
  background: Canvas; color: CanvasText; opacity: 0.9; }
[hidden] { display: none; }
`;

export class NfViewer extends HTMLElement {
  static readonly observedAttributes = [
    "src",
    "poster",
    "alt",
    "auto-rotate",
    "lod",
    "mode",
    "background",
  ];

  readonly #image = document.createElement("div");
  readonly #poster = document.createElement("img");
  readonly #bar = document.createElement("hr");
  readonly #message = document.createElement("p");
  #scene: Promise<Scene> | null = null;
  #reading: AbortController | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    const parts = {
      image: this.#image,
      poster: this.#poster,
      bar: this.#bar,
      message: this.#message,
    };
    for (const [name, element] of Object.entries(parts)) element.setAttribute("part", name);
    this.#image.setAttribute("role", "img");
    this.#poster.hidden = this.#bar.hidden = this.#message.hidden = true;
    this.#message.setAttribute("role", "status");
    root.append(style, this.#image, this.#poster, this.#bar, this.#message);
  }

  connectedCallback(): void {
    this.#showPoster();
    if (this.hasAttribute("src")) void this.#open();
  }

  disconnectedCallback(): void {
    this.#reading?.abort();
    const scene = this.#scene;
    this.#scene = null;
    void scene?.then((made) => made.destroy()).catch(() => undefined);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return;
    if (name === "src" && after !== null) void this.#open();
    else if (name === "poster") this.#showPoster();
    else void this.#scene?.then((scene) => this.#apply(scene)).catch(() => undefined);
  }

  /** From where the field is seen; `null` before its first level has arrived. */
  get view(): Promise<View | null> {
    return this.#scene?.then(({ view }) => view) ?? Promise.resolve(null);
  }

  /** See it from there. */
  async look(view: View): Promise<void> {
    const scene = await this.#scene;
    if (scene !== null) scene.view = view;
  }

  /** Back to the first view. */
  async home(): Promise<void> {
    (await this.#scene)?.home();
  }

  /** The image as it is seen, sharp, as PNG. */
  async toBlob(): Promise<Blob> {
    if (this.#scene === null) throw new NfcError("limit", "there is no field to draw yet");
    return (await this.#scene).toBlob();
  }

  #make(): Promise<Scene> {
    return Scene.create(this.#image, {
      controls: !this.hasAttribute("no-controls"),
      scrolls: !this.hasAttribute("captures-wheel"),
      onShown: (state) => {
        this.#poster.hidden = true;
        this.#tell("shown", { lod: state.lod, lods: state.lods, sharp: state.sharp });
      },
      onView: (view) => this.#tell("view-change", { view }),
      onError: (error) => this.#fail(error),
    });
  }

  async #open(): Promise<void> {
    this.#reading?.abort();
    const reading = (this.#reading = new AbortController());
    this.#message.hidden = true;
    try {
      const scene = await (this.#scene ??= this.#make());
      if (reading.signal.aborted) return;
      this.#apply(scene);
      const field = await scene.open(new URL(this.getAttribute("src") ?? "", document.baseURI), {
        signal: reading.signal,
        onLod: () => this.#apply(scene),
        onProgress: (progress) => {
          const { received, total } = progress;
          this.#bar.hidden = total !== null && received >= total;
          this.#bar.style.width = total === null ? "0" : `${(100 * received) / total}%`;
          this.#tell("progress", progress);
        },
      });
      this.#tell("load", { field });
    } catch (error) {
      if (!reading.signal.aborted) this.#fail(error);
    } finally {
      if (reading === this.#reading) this.#bar.hidden = true;
    }
  }

  /** What the attributes say of how the field is drawn. */
  #apply(scene: Scene): void {
    const lod = Number.parseInt(this.getAttribute("lod") ?? "", 10);
    const color = /^#?([0-9a-f]{6})$/i.exec(this.getAttribute("background") ?? "")?.[1];
    const part = (at: number): number => Number.parseInt(color!.slice(at, at + 2), 16) / 255;
    scene.look = {
      lod: lod >= 0 ? lod : null,
      mode: this.getAttribute("mode") ?? "shaded",
      ...(color !== undefined && { background: [part(0), part(2), part(4)] }),
    };
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const turning = this.hasAttribute("auto-rotate") && !still;
    if (turning !== this.#turning) scene.autoRotate = this.#turning = turning;
    this.#image.setAttribute("aria-label", this.getAttribute("alt") ?? "Image of a field");
  }

  #turning = false;

  #showPoster(): void {
    const poster = this.getAttribute("poster");
    this.#poster.hidden = poster === null || this.#image.childElementCount > 0;
    if (poster !== null) this.#poster.src = poster;
    this.#poster.alt = this.getAttribute("alt") ?? "";
  }

  #fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#message.textContent = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
    this.#message.hidden = false;
    this.#tell("error", { error });
  }

  #tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

if (typeof customElements !== "undefined" && customElements.get("nf-viewer") === undefined) {
  customElements.define("nf-viewer", NfViewer);
}

declare global {
  interface HTMLElementTagNameMap {
    "nf-viewer": NfViewer;
  }
}
