// Wheel, drag, pinch, double click and keys, turned into zoom and movement.
import type { View } from "./view";

const STEP = 60;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

export interface Also {
  /** Whether one finger, a double click and the arrows draw just now: two fingers and the wheel zoom, still. */
  draws?: () => boolean;
  /** Nothing else scrolls here: the wheel is the photo's, whatever has the focus. */
  eager?: boolean;
}

export class Gestures {
  private readonly fingers = new Map<number, PointerEvent>();

  constructor(
    private readonly stage: HTMLElement,
    private readonly view: View,
    private readonly also: Also = {},
  ) {
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.draws || this.view.zoomBy(2, event.clientX, event.clientY));
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      stage.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    }
  }

  private get draws(): boolean {
    return this.also.draws?.() ?? false;
  }

  private wheel(event: WheelEvent): void {
    // Who scrolls past it wants the page to scroll; so does who is in it and has nothing left to shrink.
    const asked = event.ctrlKey || this.also.eager;
    if (!asked && document.activeElement !== this.stage) return;
    if (!asked && event.deltaY > 0 && this.view.isWhole) return;
    event.preventDefault();
    this.view.zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }

  private key(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    // While the whole photo is shown there is nowhere to move: the arrows change the inspection instead.
    if (!arrow || this.view.isWhole || this.draws) return;
    event.preventDefault();
    this.view.moveBy(...arrow);
  }

  private down(event: PointerEvent): void {
    this.fingers.set(event.pointerId, event);
    this.stage.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const other = [...this.fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    this.fingers.set(event.pointerId, event);
    if (!other && this.draws) return;
    if (other) {
      const factor = distance(event, other) / Math.max(1, distance(before, other));
      this.view.zoomBy(factor, (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    }
    const share = other ? 0.5 : 1;
    this.view.moveBy((event.clientX - before.clientX) * share, (event.clientY - before.clientY) * share);
  }
}

function distance(a: PointerEvent, b: PointerEvent): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
