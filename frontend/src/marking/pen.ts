// From pointer and keys to steps of a drawing. One finger draws and two move the photo; without a mouse the arrows
// move a cross, Space puts the pen down and lifts it.
import type { Drawing, Point } from "./drawing";

export type Tool = "brush" | "eraser" | "box" | "move";
const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.01; // of the longer side
const LARGE = 5;

export interface Told {
  /** Something was drawn, or is no longer: in words. */
  drawn(words: string): void;
  /** The cross is at a place of the window. */
  reached(x: number, y: number): void;
}

export class Pen {
  tool: Tool = "brush";
  size = 1;
  private at: Point;
  private readonly fingers = new Set<number>();
  /** Where a box began, or whether a stroke is being drawn. */
  private corner: Point | null = null;
  private down = false;

  constructor(
    private readonly stage: HTMLElement,
    private readonly drawing: Drawing,
    private readonly told: Told,
  ) {
    this.at = [drawing.width / 2, drawing.height / 2];
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.release(event));
    stage.addEventListener("pointercancel", (event) => this.cancelled(event));
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  get busy(): boolean {
    return this.down || this.corner !== null;
  }

  choose(tool: Tool): void {
    this.stop();
    this.tool = tool;
    this.show();
  }

  resize(size: number): void {
    this.size = size;
    this.show();
  }

  /** What is half drawn is dropped. */
  stop(): void {
    if (this.down) this.drawing.drop();
    this.down = false;
    this.corner = null;
    this.show();
  }

  private press(event: PointerEvent): void {
    this.fingers.add(event.pointerId);
    if (this.fingers.size > 1) return this.stop();
    if (this.tool === "move" || event.button !== 0) return;
    this.at = this.placeOf(event);
    this.begin();
  }

  private move(event: PointerEvent): void {
    if (this.tool === "move") return;
    // What the browser took together in one event is drawn, too.
    const all = this.down ? (event.getCoalescedEvents?.() ?? []) : [];
    for (const one of all.length ? all : [event]) this.to(this.placeOf(one));
  }

  private release(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.busy && event.pointerType !== "") this.end();
  }

  private cancelled(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.stop();
  }

  private key(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (this.tool === "move" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) {
      const step = Math.max(1, STEP * Math.max(this.drawing.width, this.drawing.height)) * (event.shiftKey ? LARGE : 1);
      this.to(this.within([this.at[0] + arrow[0] * step, this.at[1] + arrow[1] * step]));
      const box = this.drawing.shown.getBoundingClientRect();
      const [x, y] = this.at;
      this.told.reached(box.left + (x / this.drawing.width) * box.width, box.top + (y / this.drawing.height) * box.height);
    } else if (event.key === " " || event.key === "Enter") {
      if (event.repeat) return;
      if (this.busy) this.end();
      else this.begin();
    } else return;
    event.preventDefault();
  }

  private begin(): void {
    if (this.tool === "box") this.corner = this.at;
    else if (this.tool !== "move") {
      this.down = true;
      this.drawing.add({ tool: this.tool, size: this.size, points: [this.at] });
    }
    this.show();
  }

  private to(place: Point): void {
    this.at = place;
    if (this.down) this.drawing.extend(place);
    this.show();
  }

  private end(): void {
    if (this.corner) {
      const [corner, size] = between(this.corner, this.within(this.at));
      this.corner = null;
      if (size[0] >= 1 && size[1] >= 1) {
        this.drawing.add({ tool: "box", corner, size });
        this.told.drawn("Box added.");
      }
    } else if (this.down) {
      this.down = false;
      this.told.drawn(this.tool === "eraser" ? "Erased." : "Brush stroke added.");
    }
    this.show();
  }

  private placeOf(event: PointerEvent): Point {
    const box = this.drawing.shown.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.drawing.width;
    const y = ((event.clientY - box.top) / box.height) * this.drawing.height;
    return [x, y];
  }

  private within([x, y]: Point): Point {
    return [clamp(x, this.drawing.width), clamp(y, this.drawing.height)];
  }

  /** The ring of the brush, or the box that is being drawn. */
  private show(): void {
    const ring = this.stage.querySelector<HTMLElement>("[data-ring]")!;
    const frame = this.stage.querySelector<HTMLElement>("[data-frame]")!;
    ring.hidden = this.tool === "move";
    ring.toggleAttribute("data-cross", this.tool === "box");
    ring.toggleAttribute("data-down", this.busy);
    const size = this.tool === "box" ? 0 : this.size;
    this.put(ring, [this.at[0] - size / 2, this.at[1] - size / 2], [size, size]);
    frame.hidden = this.corner === null;
    if (this.corner) this.put(frame, ...between(this.corner, this.within(this.at)));
  }

  private put(element: HTMLElement, corner: Point, size: Point): void {
    const { width, height } = this.drawing;
    element.style.left = `${(100 * corner[0]) / width}%`;
    element.style.top = `${(100 * corner[1]) / height}%`;
    element.style.width = `${(100 * size[0]) / width}%`;
    element.style.height = `${(100 * size[1]) / height}%`;
  }
}

function between(a: Point, b: Point): [Point, Point] {
  return [
    [Math.min(a[0], b[0]), Math.min(a[1], b[1])],
    [Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])],
  ];
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
