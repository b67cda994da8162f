/** One page's viewer: the file being read, the view, the image and what is said about them. */

import { codeType } from "../codes/registry.js";
import { NfcError, type Field, type FieldKind } from "../types.js";
import { checkImage } from "../gpu/renderer.js";
import { openField } from "../stream/open.js";
import { contentBox, firstView, isHinted, upright, type View } from "./framing.js";
import { listen } from "./gestures.js";
import { GpuLost } from "./gpu.js";
import { NO_INSETS, type Insets } from "./insets.js";
import { isEmbedded, readHash, unembedded, writeHash, type Shared } from "./link.js";
import type { Look } from "./look.js";
import { explain, interruption, noGraphics, type Message } from "./messages.js";
import { Orbit } from "./orbit.js";
import { byId, toast } from "./page.js";
import { Panel } from "./panel.js";
import { Plane } from "./plane.js";
import { previewOf } from "./preview.js";
import { Readout } from "./readout.js";
import { Stage, type Shown } from "./stage.js";
import { isDark, setUpTheme, toggleTheme } from "./theme.js";
import { length, sub } from "./vector.js";

/**
 * What the page is doing; the style sheet and tests read it from `data-state`. While it is loading,
 * `data-image` says that there is an image still, of the file before.
 */
type State = "starting" | "welcome" | "loading" | "showing" | "failed";

const KINDS: Record<FieldKind, string> = {
  nerf: "Radiance field",
  sdf: "Signed distance",
  scalar: "Scalar field",
};

/** Settings are open at first in windows larger than this, in CSS pixels. */
const ROOMY = { width: 800, height: 480 };

export class Viewer {
  readonly #readout = new Readout();
  readonly #panel: Panel;
  readonly #stage: Promise<Stage>;
  #reading = new AbortController();
  #source: URL | Blob | null = null;
  #name = "";
  /** The field whose images are shown; `null` while a file has none yet. */
  #field: Field | null = null;
  #orbit: Orbit | Plane | null = null;
  /** Called when another file is to be read. */
  opened: () => void = () => undefined;
  /** Why nothing can be drawn in this page any more; `null` if it can. */
  #broken: string | null = null;
  #wheelExplained = false;

  /** Whether the image stands alone in another page, without controls. */
  readonly #embedded = isEmbedded(new URL(location.href));

  readonly #makeWorker: () => Worker;

  /** @param makeWorker makes the decoder's worker, of the same build as this page */
  constructor(makeWorker: () => Worker) {
    this.#makeWorker = makeWorker;
    document.body.toggleAttribute("data-embed", this.#embedded);
    setUpTheme(() => this.#panel.themeChanged());
    this.#panel = new Panel(
      (look) => void this.#onStage((stage) => void (stage.look = look)),
      isDark,
    );
    this.#stage = Stage.create(byId("image"), {
      changed: () => (document.body.dataset["sharp"] = "false"),
      shown: (state) => this.#shown(state),
      resized: () => this.#resized(),
      failed: (error, field) => {
        if (field === null) this.#failed(error);
        else if (field === this.#field) this.#notDrawn(error);
      },
    });
    this.#stage.catch((error: unknown) => this.#cannotDraw(error));
    this.#listen();
  }

  /** What is open, or was tried to open last. */
  get source(): URL | Blob | null {
    return this.#source;
  }

  /**
   * Read a file and show it. The page is named after it at once; the image of the file before
   * stays until this one's first image is drawn, or a message says why there is none.
   */
  async open(source: URL | Blob, name: string): Promise<void> {
    this.#reading.abort();
    const reading = (this.#reading = new AbortController());
    const { signal } = reading;
    this.#source = source;
    this.#name = name;
    this.#field = null;
    this.opened();
    byId("notice").hidden = true;
    this.#entitle(name);
    if (this.#broken !== null) {
      await this.#showPreview(this.#broken);
      return;
    }
    /** Whether the file's first image is on its way, or why it is not has been said. */
    let shown: Promise<boolean> | null = null;
    this.#state("loading");
    try {
      const field = await openField(source, {
        signal,
        worker: this.#makeWorker,
        onProgress: ({ received, total, lodEnds }) => {
          if (!signal.aborted) this.#readout.progress(received, total, lodEnds);
        },
        onLod: (field, changed) => {
          if (signal.aborted) return;
          const levels = field.grids.flatMap((grid) => grid.levels);
          // A field without levels has none that is finer now.
          const finer = changed.some((position) => levels[position]!.layer > 0);
          performance.mark(`nfc-${finer ? "refined" : "decoded"}-${field.lodsDecoded - 1}`);
          shown =
            shown === null
              ? this.#show(field, signal)
              : shown.then((showing) => showing && this.#sharpen(field, signal));
        },
      });
      const showing = await shown;
      if (!signal.aborted && showing && isCut(field)) this.#cut(field);
    } catch (error) {
      if (signal.aborted) return;
      if (shown === null) this.fail(error, name);
      else if ((await shown) && !signal.aborted) this.#interrupted(error);
    }
  }

  /** Name the page after a file of which nothing else is known yet. */
  #entitle(name: string): void {
    document.title = `${name} · nfcodec`;
    byId("name").textContent = name;
    byId("name").title = name;
    byId("kind").hidden = true;
  }

  /** Say why `name` cannot be shown. */
  fail(error: unknown, name: string): void {
    this.say("failed", explain(error, name));
  }

  /** Show a message in the place of the image. */
  say(state: State, message: Message): void {
    byId("message-title").textContent = message.title;
    byId("message-text").textContent = message.text;
    byId("message-remedy").textContent = message.remedy;
    byId("retry").hidden = state === "welcome" || this.#source === null;
    this.#state(state);
  }

  #state(state: State): void {
    document.body.dataset["state"] = state;
    byId("message").hidden = state !== "welcome" && state !== "failed";
    byId("panel").hidden = state !== "showing" || !this.#panelOpen;
    byId("full").hidden = !this.#embedded || state === "starting";
    byId("preview").hidden = true;
    delete document.body.dataset["preview"];
    if (state === "showing") document.body.dataset["image"] = "";
    if (state === "welcome" || state === "failed") {
      byId("readout").hidden = true;
      delete document.body.dataset["image"];
    }
    if (state === "loading") {
      delete document.body.dataset["lod"];
      delete document.body.dataset["sharp"];
    }
  }

  get #panelOpen(): boolean {
    return byId("settings").getAttribute("aria-expanded") === "true";
  }

  /** Whether that could be done. Failures are said, but not those of a file that was left. */
  async #onStage(
    act: (stage: Stage) => void | Promise<void>,
    signal: AbortSignal = this.#reading.signal,
  ): Promise<boolean> {
    if (this.#broken !== null) return false;
    try {
      const stage = await this.#stage;
      if (signal.aborted) return false;
      await act(stage);
      return !signal.aborted;
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      return false;
    }
  }

  /** What is wrong with this file says nothing about the next one. */
  #failed(error: unknown): void {
    if (error instanceof GpuLost) return; // another one is asked for
    if (error instanceof NfcError || error instanceof RangeError) {
      this.#leave();
      this.fail(error, this.#name);
    } else {
      this.#cannotDraw(error);
    }
  }

  /** The GPU refuses the images of this file, which it may not do of the next one. */
  #notDrawn(error: unknown): void {
    if (error instanceof NfcError || error instanceof RangeError) {
      this.#failed(error);
      return;
    }
    this.#leave();
    void this.#showPreview(reasonOf(error));
  }

  /** Read no further, and take up nothing more of what is being drawn. */
  #leave(): void {
    this.#field = null;
    this.#reading.abort();
    this.#reading = new AbortController();
  }

  /** The first LOD of another file has arrived. Whether it is shown. */
  #show(field: Field, signal: AbortSignal): Promise<boolean> {
    return this.#onStage(async (stage) => {
      checkImage(field);
      const named = field.metadata["name"];
      if (typeof named === "string" && named !== "") byId("name").textContent = named;
      byId("kind").textContent = KINDS[field.kind];
      byId("kind").hidden = false;
      this.#field = field;
      stage.leaveOut(this.#insets());
      const view = this.#aim(field, stage);
      this.#panel.open(field, statedLook());
      await stage.open(field, view, this.#panel.look);
    }, signal);
  }

  /** Another LOD of the file that is shown has arrived. Whether it could be taken up. */
  #sharpen(field: Field, signal: AbortSignal): Promise<boolean> {
    return this.#onStage((stage) => {
      this.#panel.arrived(field);
      if (!isHinted(field)) this.#reframe(field, stage);
      return stage.arrived();
    }, signal);
  }

  /** An image is on the screen. */
  #shown(state: Shown): void {
    if (state.field !== this.#field) return; // of a file that was left
    if (document.body.dataset["state"] === "loading") {
      this.#state("showing");
      this.#uncover();
    }
    this.#readout.shown(state);
    document.body.dataset["lod"] = String(state.lod);
    document.body.dataset["layer"] = String(state.layer);
    document.body.dataset["layers"] = String(state.layers);
    performance.mark(`nfc-shown-${state.lod}`);
    document.body.dataset["sharp"] = String(state.sharp);
    if (state.sharp && this.#panel.lacksRange) void this.#measureRange(state.field);
  }

  async #measureRange(field: Field): Promise<void> {
    await this.#onStage(async (stage) => {
      const range = await stage.valueRange();
      if (field === this.#field) this.#panel.measuredRange = range;
    });
  }

  /** The first view of a file, or the one that the address says. */
  #aim(field: Field, stage: Stage): View {
    this.#orbit = orbitOf(field, stage);
    const { view } = stated();
    if (view !== undefined) this.#orbit.view = view;
    return this.#orbit.view;
  }

  /** A telephone was turned, or a window made narrower: the first view still shows all of the field. */
  #resized(): void {
    const field = this.#field;
    if (field === null) return;
    void this.#onStage((stage) => {
      stage.leaveOut(this.#insets());
      this.#reframe(field, stage);
    });
  }

  /** Controls came or went: the first view is framed clear of those that are there. */
  #uncover(): void {
    const field = this.#field;
    if (field === null) return;
    void this.#onStage((stage) => {
      if (stage.leaveOut(this.#insets())) this.#reframe(field, stage);
    });
  }

  /** What the controls cover at the edges of the window, in CSS pixels. */
  #insets(): Insets {
    if (this.#embedded || "bare" in document.body.dataset) return NO_INSETS;
    const { clientWidth: width, clientHeight: height } = byId("image");
    let [top, right, bottom] = [0, 0, 0];
    for (const id of ["title", "tools", "readout"]) {
      const box = byId(id).getBoundingClientRect();
      if (box.height === 0) continue;
      if (box.top + box.bottom < height) top = Math.max(top, box.bottom);
      else bottom = Math.max(bottom, height - box.top);
    }
    const panel = byId("panel").getBoundingClientRect();
    // A panel across the window is looked through for as long as it is open.
    if (panel.width > 0 && panel.width < width / 2) right = width - panel.left;
    return { top, right, bottom, left: 0 };
  }

  /**
   * The first view of a window of another shape, or of octrees that tell better where the content is;
   * it is moved to if the first view is still looked at.
   */
  #reframe(field: Field, stage: Stage): void {
    const before = this.#orbit;
    if (before === null || field.dims === 2) return;
    const { view, isHome } = before;
    this.#orbit = orbitOf(field, stage);
    if (isHome) stage.view = this.#orbit.view;
    else this.#orbit.view = view;
  }

  /** The rest cannot be had; what is there stays on the screen. */
  #interrupted(error: unknown): void {
    this.#notice(interruption(error), explain(error, this.#name).text);
  }

  #cut(field: Field): void {
    const { lodsDecoded, lods } = field;
    const there = lodsDecoded === 1 ? "level 0" : `levels 0–${lodsDecoded - 1}`;
    const coarse = isCoarse(field) ? ", the last of them only coarsely" : "";
    this.#notice("The file is cut.", `It holds ${there} of 0–${lods - 1}${coarse}.`);
  }

  #notice(what: string, text: string): void {
    byId("notice-title").textContent = what;
    byId("notice-text").textContent = text;
    byId("notice").hidden = false;
  }

  #cannotDraw(error: unknown): void {
    if (this.#broken !== null) return;
    this.#broken = reasonOf(error);
    this.#leave();
    void this.#showPreview(this.#broken);
  }

  /** Say that nothing can be drawn, and show the image stored in the file if it has one. */
  async #showPreview(reason: string): Promise<void> {
    if (document.getElementById("poster") !== null) {
      this.say("failed", noGraphics(reason, ""));
      document.body.dataset["preview"] = "";
      return;
    }
    this.say("failed", noGraphics(reason));
    const source = this.#source;
    const { signal } = this.#reading;
    if (source === null) return;
    try {
      const blob = await previewOf(source, signal);
      if (blob === null || signal.aborted) return;
      const image = byId("preview", HTMLImageElement);
      const address = URL.createObjectURL(blob);
      image.src = address;
      await image.decode().finally(() => URL.revokeObjectURL(address));
      if (signal.aborted) return; // another file, or this one again
      this.say("failed", noGraphics(reason, "This is the preview stored in the file."));
      image.hidden = false;
      document.body.dataset["preview"] = "";
    } catch (error) {
      // An image that does not decode is as good as none; a file that is wrong is worth saying.
      if (!signal.aborted && !(error instanceof DOMException)) this.fail(error, this.#name);
    }
  }

  #retry(): void {
    if (this.#broken !== null && !(this.#source instanceof Blob)) location.reload();
    else if (this.#source !== null) void this.open(this.#source, this.#name);
  }

  #listen(): void {
    const move = (act: (orbit: Orbit | Plane) => void) => {
      if (this.#orbit === null) return;
      act(this.#orbit);
      const { view } = this.#orbit;
      void this.#onStage((stage) => {
        stage.moving = true;
        stage.view = view;
      });
    };
    const press = (id: string, act: () => void) => byId(id).addEventListener("click", act);
    listen(
      byId("image"),
      {
        turn: (azimuth, elevation) => move((orbit) => orbit.turn(azimuth, elevation)),
        pan: (x, y) => {
          void this.#onStage(({ clearHeight }) =>
            move((orbit) => orbit.pan(x / clearHeight, y / clearHeight)),
          );
        },
        zoom: (factor) => move((orbit) => orbit.zoom(factor)),
        reset: () => this.#home(),
        rest: () => void this.#onStage((stage) => void (stage.moving = false)),
        passed: () => this.#explainWheel(),
      },
      { scrolls: this.#embedded || window.parent !== window },
    );
    press("full", () => window.open(this.#wholePage(), "_blank", "noopener"));
    press("reset", () => this.#home());
    press("share", () => void this.#share());
    press("screenshot", () => void this.#screenshot());
    press("theme", () => this.#changeTheme());
    press("help", () => byId("keys", HTMLDialogElement).showModal());
    press("settings", () => this.#togglePanel());
    press("retry", () => this.#retry());
    press("notice-retry", () => this.#retry());
    byId("pick", HTMLInputElement).addEventListener("change", (event) => {
      const file = (event.target as HTMLInputElement).files?.[0];
      if (file !== undefined) this.#openLocal(file);
    });
    window.addEventListener("hashchange", () => this.#followHash());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#listenForDrops();
    if (window.innerWidth <= ROOMY.width || window.innerHeight <= ROOMY.height) this.#togglePanel();
  }

  /** The page with its controls, at this view. */
  #wholePage(): string {
    const page = unembedded(new URL(location.href));
    if (this.#orbit !== null) page.hash = writeHash({ view: this.#orbit.view });
    return page.href;
  }

  /** Say once how to zoom where the wheel scrolls the page around. */
  #explainWheel(): void {
    if (this.#wheelExplained) return;
    this.#wheelExplained = true;
    const key = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";
    toast(`${key} and the wheel zoom; or click the image first`);
  }

  #toggleControls(): void {
    document.body.toggleAttribute("data-bare");
    this.#uncover();
  }

  #key(event: KeyboardEvent): void {
    const { target } = event;
    const typed = target instanceof HTMLInputElement && target.type === "number";
    const inField = typed || target instanceof HTMLSelectElement;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (inField || modified || byId("keys", HTMLDialogElement).open) return;
    const keys: Record<string, () => void> = {
      "[": () => this.#panel.step(-1),
      "]": () => this.#panel.step(1),
      a: () => this.#panel.automatic(),
      m: () => this.#panel.nextMode(),
      s: () => void this.#screenshot(),
      l: () => void this.#share(),
      t: () => this.#changeTheme(),
      h: () => this.#toggleControls(),
      "?": () => byId("keys", HTMLDialogElement).showModal(),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #listenForDrops(): void {
    const dropping = (on: boolean) => document.body.toggleAttribute("data-dropping", on);
    const carriesFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    document.addEventListener("dragover", (event) => {
      event.preventDefault(); // else the browser would leave the page and show the file itself
      dropping(carriesFile(event));
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) dropping(false);
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      dropping(false);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) this.#openLocal(file);
    });
  }

  #openLocal(file: File): void {
    const page = new URL(location.href);
    page.search = page.hash = "";
    history.replaceState(null, "", page);
    void this.open(file, file.name);
  }

  #home(): void {
    if (this.#orbit === null) return;
    this.#orbit.reset();
    const { view } = this.#orbit;
    void this.#onStage((stage) => {
      stage.moving = false;
      stage.view = view;
    });
  }

  #togglePanel(): void {
    const open = !this.#panelOpen;
    byId("settings").setAttribute("aria-expanded", String(open));
    byId("panel").hidden = !open || document.body.dataset["state"] !== "showing";
    this.#uncover();
  }

  #changeTheme(): void {
    toggleTheme();
    this.#panel.themeChanged();
  }

  /** The address was changed by hand, or another link to this file was followed. */
  #followHash(): void {
    if (this.#field === null || this.#orbit === null) return; // what it says is taken up then
    const { view } = stated();
    if (view !== undefined) this.#orbit.view = view;
    this.#panel.open(this.#field, statedLook());
    const shown = this.#orbit.view;
    void this.#onStage((stage) => void (stage.view = shown));
  }

  async #share(): Promise<void> {
    if (this.#orbit === null || this.#field === null) return; // the image is of another file
    const { lod, mode, colormap, range, isoLevel, background } = this.#panel.look;
    const link = new URL(location.href);
    link.hash = writeHash({
      view: this.#orbit.view,
      mode,
      background,
      ...(lod !== null && { lod }),
      ...(byId("colors").hidden ? {} : { colormap, ...(range !== null && { range }) }),
      ...(mode === "iso" && isoLevel !== null && { level: isoLevel }),
    });
    history.replaceState(null, "", link);
    try {
      await navigator.clipboard.writeText(link.href);
      toast(
        this.#source instanceof Blob
          ? "Link to this view copied; the file is not in it"
          : "Link copied",
      );
    } catch {
      toast("The link is in the address bar");
    }
  }

  async #screenshot(): Promise<void> {
    if (document.body.dataset["state"] !== "showing") return;
    await this.#onStage(async (stage) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await stage.image());
      link.download = `${this.#name.replace(/\.nfc$/i, "")}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      toast("Image saved");
    });
  }
}

/** The first view of a field on this stage, and how it may be moved. */
function orbitOf(field: Field, stage: Stage): Orbit | Plane {
  if (field.dims === 2) return new Plane(field, () => stage.aspect);
  const { aspect } = stage;
  return new Orbit(firstView(field, aspect), upright(field), length(sub(...contentBox(field))));
}

/** The first line of what an error says. */
function reasonOf(error: unknown): string {
  const reason = (error as { message?: unknown } | null)?.message ?? error;
  return String(reason).split("\n")[0]!;
}

/** What the address says, else what the page was exported with. */
function stated(): Shared {
  return { ...readHash(document.body.dataset["view"] ?? ""), ...readHash(location.hash) };
}

/** What the address says of how the field is shown. */
function statedLook(): Partial<Look> {
  const { view: _, level: isoLevel, ...look } = stated();
  return isoLevel === undefined ? look : { ...look, isoLevel };
}

/** Whether more would belong to what has arrived. */
function isCut(field: Field): boolean {
  return field.lodsDecoded < field.lods || isCoarse(field);
}

/** Whether finer layers of the newest levels are missing. */
function isCoarse(field: Field): boolean {
  const levels = field.grids.flatMap((grid) => grid.levels);
  return levels.some(
    ({ code, form, layer }) => code !== null && layer < codeType(form).layers(form) - 1,
  );
}
