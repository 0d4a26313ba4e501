// A limit on the chart: moved by a finger, a mouse or the keys of a slider.
import type { Axis } from "./axis";

const STEPS: Record<string, number> = {
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
};

export class Handle {
  private at = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly axis: Axis,
    /** Where a person wants it, 0 to 1. */
    private readonly moved: (place: number) => void,
  ) {
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.drag(event));
  }

  /** low, high: how far it may be moved. words: what a person is told of it. */
  show(score: number, low: number, high: number, words: string): void {
    this.at = this.axis.place(score);
    this.element.style.left = `${100 * this.at}%`;
    this.element.toggleAttribute("data-left", this.at > 0.7);
    this.element.setAttribute("aria-valuemin", String(low));
    this.element.setAttribute("aria-valuemax", String(high));
    this.element.setAttribute("aria-valuenow", String(Math.min(Math.max(score, low), high)));
    this.element.setAttribute("aria-valuetext", words);
  }

  private key(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // the arrows are shortcuts of pages, too
    this.moved(this.at + step);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.focus();
    this.element.setPointerCapture(event.pointerId);
  }

  private drag(event: PointerEvent): void {
    if (!this.element.hasPointerCapture(event.pointerId)) return;
    const box = this.element.parentElement!.getBoundingClientRect();
    this.moved((event.clientX - box.left) / box.width);
  }
}
