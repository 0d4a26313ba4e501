// "Sending 12 photos as Hex nut: Undo": some seconds in which a wrong category costs nothing.
import type { Row } from "./rows";

const SECONDS = 5;
const STEP = 100;

export interface Soon {
  send(rows: Row[]): void;
  /** Not to be sent as this: the photos go back to where they have no category. */
  undone(rows: Row[]): void;
}

export class Undo {
  private readonly element = document.querySelector("#soon") as HTMLElement;
  private rows: Row[] = [];
  private left = 0;
  private timer = 0;

  constructor(private readonly then: Soon) {
    this.part("[data-undo]").addEventListener("click", () => this.then.undone(this.end()));
    this.part("[data-now]").addEventListener("click", () => this.then.send(this.end()));
  }

  get pending(): boolean {
    return this.rows.length > 0;
  }

  /** Wait with these, too; the countdown starts again. Returns what is announced. */
  offer(rows: Row[]): string {
    for (const row of rows) row.soon();
    this.rows.push(...rows);
    this.left = SECONDS * 1000;
    const words = this.part("[data-words]");
    words.replaceChildren("Sending ", ...this.byCategory());
    this.element.hidden = false;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), STEP);
    return `${words.textContent} in ${SECONDS} seconds. Undo is possible.`;
  }

  /** "3 photos as Hex nut, 1 photo as Plastic gear". */
  private byCategory(): (string | HTMLElement)[] {
    const counts = new Map<string, number>();
    for (const { section } of this.rows) counts.set(section.name, (counts.get(section.name) ?? 0) + 1);
    return [...counts].flatMap(([category, count], n) => {
      const name = document.createElement("strong");
      name.textContent = category;
      return [`${n ? ", " : ""}${count === 1 ? "1 photo" : `${count} photos`} as `, name];
    });
  }

  /** Take the photos back without a word, such as for another category. */
  end(): Row[] {
    clearInterval(this.timer);
    // Who pressed a button in here must not find the focus nowhere.
    if (this.element.contains(document.activeElement)) document.querySelector<HTMLElement>("#main")?.focus();
    this.element.hidden = true;
    return this.rows.splice(0);
  }

  private tick(): void {
    if (!this.waits()) this.left -= STEP;
    this.part<HTMLProgressElement>("[data-time]").value = this.left / (SECONDS * 1000);
    if (this.left <= 0) this.then.send(this.end());
  }

  /** Time stands still under a mouse and for who has come here by keyboard: nobody is raced. */
  private waits(): boolean {
    const mouse = matchMedia("(hover: hover)").matches && this.element.matches(":hover");
    return mouse || this.element.querySelector(":focus-visible") !== null;
  }

  private part<Kind extends Element = HTMLElement>(selector: string): Kind {
    return this.element.querySelector(selector) as Kind;
  }
}
