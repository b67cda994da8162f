/** Pointer, wheel, touch and keyboard on the image, as movements of the view. */

export interface Movements {
  /** Radians about the upright axis, and of tilt. */
  turn(azimuth: number, elevation: number): void;
  /** Shares of the image's height. */
  pan(x: number, y: number): void;
  /** Nearer below one, farther above. */
  zoom(factor: number): void;
  reset(): void;
  /** The hand is off: nothing moves for now. */
  rest(): void;
  /** A wheel was left to the page that holds the image. */
  passed?(): void;
}

/** To whom wheels and swipes belong. */
export interface Manners {
  /**
   * The page around the image is scrolled by them: a wheel zooms only with Ctrl or Cmd, or once the
   * image was clicked and until the pointer leaves it, and one finger turns only sideways.
   */
  readonly scrolls: boolean;
}

/** Radians for a pointer that crosses the image's height. */
const TURN = Math.PI;
const KEY_TURN = Math.PI / 24;
const KEY_PAN = 1 / 24;
const KEY_ZOOM = 1.1;
const WHEEL_ZOOM = 0.0015;
const PINCH_WHEEL_ZOOM = 0.01;
const LINE_PIXELS = 16;
const TAP_MILLISECONDS = 300;
const TAP_PIXELS = 24;

interface Finger {
  x: number;
  y: number;
}

/** Listen on `element` for as long as it is there. */
export function listen(
  element: HTMLElement,
  movements: Movements,
  manners: Manners = { scrolls: false },
): void {
  element.style.touchAction = manners.scrolls ? "pan-y" : "none";
  /** Whether the image was clicked, and the pointer has not left it since. */
  let taken = false;
  const fingers = new Map<number, Finger>();
  let panning = false;
  let restTimer = 0;
  /** Where the one finger came down that has not moved since; `null` if this is no tap. */
  let tap: Finger | null = null;
  let lastTap = { time: -Infinity, x: 0, y: 0 };
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    heard: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => element.addEventListener(type, heard, options);

  /** Wheels and keys have no end of their own. */
  const restSoon = () => {
    clearTimeout(restTimer);
    restTimer = window.setTimeout(() => movements.rest(), 200);
  };

  on("pointerdown", (event) => {
    element.focus({ preventScroll: true });
    taken = true;
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    tap = fingers.size === 1 ? { x: event.clientX, y: event.clientY } : null;
    panning = event.button !== 0 || event.shiftKey || event.ctrlKey || event.metaKey;
    if (event.button === 1) event.preventDefault(); // no autoscroll
  });

  on("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    if (tap !== null && Math.hypot(now.x - tap.x, now.y - tap.y) > TAP_PIXELS / 2) tap = null;
    const height = element.clientHeight || 1;
    if (fingers.size === 1) {
      if (panning) movements.pan(dx / height, dy / height);
      else movements.turn((dx / height) * TURN, (dy / height) * TURN);
    } else if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)![1];
      const apart = (finger: Finger) => Math.hypot(finger.x - other.x, finger.y - other.y);
      const [from, to] = [apart(before), apart(now)];
      if (from > 1 && to > 1) movements.zoom(from / to);
      movements.pan(dx / 2 / height, dy / 2 / height);
    }
    fingers.set(event.pointerId, now);
  });

  const lift = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size === 0) movements.rest();
  };
  on("pointerup", (event) => {
    const { timeStamp: time, clientX: x, clientY: y } = event;
    const near = Math.hypot(x - lastTap.x, y - lastTap.y) < TAP_PIXELS;
    if (tap !== null && event.pointerType === "touch") {
      if (near && time - lastTap.time < TAP_MILLISECONDS) movements.reset();
      lastTap = { time, x, y };
    }
    lift(event);
  });
  on("pointercancel", lift);
  on("pointerleave", () => (taken = false));
  on("dblclick", () => movements.reset());
  on("contextmenu", (event) => event.preventDefault());

  on(
    "wheel",
    (event) => {
      if (manners.scrolls && !taken && !event.ctrlKey && !event.metaKey) {
        movements.passed?.();
        return;
      }
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
      const pixels = Math.max(-400, Math.min(400, event.deltaY * unit));
      movements.zoom(Math.exp(pixels * (event.ctrlKey ? PINCH_WHEEL_ZOOM : WHEEL_ZOOM)));
      restSoon();
    },
    { passive: false },
  );

  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? movements.pan(-KEY_PAN, 0) : movements.turn(-KEY_TURN, 0)),
      ArrowRight: () => (event.shiftKey ? movements.pan(KEY_PAN, 0) : movements.turn(KEY_TURN, 0)),
      ArrowUp: () => (event.shiftKey ? movements.pan(0, -KEY_PAN) : movements.turn(0, -KEY_TURN)),
      ArrowDown: () => (event.shiftKey ? movements.pan(0, KEY_PAN) : movements.turn(0, KEY_TURN)),
      "+": () => movements.zoom(1 / KEY_ZOOM),
      "=": () => movements.zoom(1 / KEY_ZOOM),
      "-": () => movements.zoom(KEY_ZOOM),
      PageUp: () => movements.zoom(1 / KEY_ZOOM),
      PageDown: () => movements.zoom(KEY_ZOOM),
      Home: () => movements.reset(),
      "0": () => movements.reset(),
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
    restSoon();
  });
}
