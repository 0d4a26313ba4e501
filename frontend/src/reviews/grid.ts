// The review grid: photos are selected by click, with Shift from the last one on, by dragging, and all by Ctrl+A.
class Grid {
  private last = -1;
  /** What dragging makes of the photos it meets; null while nothing is dragged. */
  private dragged: boolean | null = null;

  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener("click", (event) => this.clicked(event));
    form.addEventListener("change", () => this.count());
    form.addEventListener("pointerdown", (event) => this.pressed(event));
    form.addEventListener("pointerover", (event) => this.met(event));
    addEventListener("pointerup", () => (this.dragged = null));
    document.addEventListener("keydown", (event) => this.key(event));
    form.querySelector("[data-all]")?.addEventListener("click", () => this.all());
    this.count();
  }

  private get boxes(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("[name=ids]")];
  }

  private clicked(event: MouseEvent): void {
    const at = this.boxes.indexOf(event.target as HTMLInputElement);
    if (at < 0) return;
    const { checked } = this.boxes[at]!;
    const [from, to] = event.shiftKey && this.last >= 0 ? [Math.min(at, this.last), Math.max(at, this.last)] : [at, at];
    for (const box of this.boxes.slice(from, to + 1)) box.checked = checked;
    this.last = at;
    this.count();
  }

  private pressed(event: PointerEvent): void {
    const box = boxOf(event.target);
    if (event.pointerType === "mouse" && event.button === 0 && box) this.dragged = !box.checked;
  }

  private met(event: PointerEvent): void {
    const box = boxOf(event.target);
    if (this.dragged === null || !event.buttons || !box || boxOf(event.relatedTarget) === box) return;
    // The photo it began at is met as it is left; from then on it is no click.
    for (const one of [boxOf(event.relatedTarget), box]) if (one) one.checked = this.dragged;
    this.count();
  }

  private key(event: KeyboardEvent): void {
    const typing = (event.target as Element).closest("textarea, select, input:not([type=checkbox])");
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "a" || typing) return;
    event.preventDefault();
    for (const box of this.boxes) box.checked = true;
    this.count();
  }

  private all(): void {
    const some = this.boxes.some((box) => !box.checked);
    for (const box of this.boxes) box.checked = some;
    this.count();
  }

  private count(): void {
    const n = this.boxes.filter((box) => box.checked).length;
    this.form.querySelector("[data-ticked]")!.textContent = String(n);
    for (const button of this.form.querySelectorAll<HTMLButtonElement>("button[name]")) button.disabled = n === 0;
  }
}

function boxOf(target: EventTarget | null): HTMLInputElement | null {
  return (target as Element | null)?.closest?.("label")?.querySelector<HTMLInputElement>("[name=ids]") ?? null;
}

for (const choice of document.querySelectorAll<HTMLSelectElement>("[data-submits]")) {
  choice.addEventListener("change", () => choice.form?.requestSubmit());
}
const form = document.querySelector<HTMLFormElement>("[data-review-grid]");
if (form) new Grid(form);
