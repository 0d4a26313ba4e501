// Where on the photo codes are looked for: drawn on the newest photo, and kept in the four fields beneath it.
// Whoever has no pointer types into the fields; the frame follows.

type Point = { x: number; y: number };
const SIDES = ["left", "top", "right", "bottom"] as const;
const LEAST = 2; // percent: less is a click

class CodeRegion extends HTMLElement {
  private from: Point | null = null;

  connectedCallback(): void {
    for (const side of SIDES) this.field(side).addEventListener("input", () => this.show());
    this.photo.addEventListener("pointerdown", (event) => this.begin(event));
    this.photo.addEventListener("pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.photo.addEventListener(end, () => (this.from = null));
    }
    this.querySelector("[data-whole]")!.addEventListener("click", () => this.put([0, 0, 100, 100]));
    this.show();
  }

  private get photo(): HTMLElement {
    return this.querySelector<HTMLElement>("[data-photo]")!;
  }

  private field(side: (typeof SIDES)[number]): HTMLInputElement {
    return this.querySelector<HTMLInputElement>(`[name=${side}]`)!;
  }

  private begin(event: PointerEvent): void {
    if (event.button) return;
    event.preventDefault();
    this.photo.setPointerCapture(event.pointerId);
    this.from = this.place(event);
  }

  private go(event: PointerEvent): void {
    if (!this.from) return;
    const to = this.place(event);
    const [left, right] = [this.from.x, to.x].sort((one, other) => one - other) as [number, number];
    const [top, bottom] = [this.from.y, to.y].sort((one, other) => one - other) as [number, number];
    if (right - left >= LEAST && bottom - top >= LEAST) this.put([left, top, right, bottom]);
  }

  // In whole percent of the photo.
  private place(event: PointerEvent): Point {
    const box = this.photo.getBoundingClientRect();
    const share = (at: number, size: number) => Math.round(100 * Math.min(1, Math.max(0, at / size)));
    return { x: share(event.clientX - box.left, box.width), y: share(event.clientY - box.top, box.height) };
  }

  private put(values: number[]): void {
    SIDES.forEach((side, at) => (this.field(side).value = String(values[at])));
    this.show();
  }

  private show(): void {
    const [left, top, right, bottom] = SIDES.map((side) => Number(this.field(side).value)) as [
      number,
      number,
      number,
      number,
    ];
    const frame = this.querySelector<HTMLElement>("[data-frame]")!;
    frame.hidden = !(0 <= left && left < right && right <= 100 && 0 <= top && top < bottom && bottom <= 100);
    Object.assign(frame.style, {
      left: `${left}%`,
      top: `${top}%`,
      width: `${right - left}%`,
      height: `${bottom - top}%`,
    });
  }
}

customElements.define("code-region", CodeRegion);
