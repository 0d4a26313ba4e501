// Photos that were given before it was said what is in them: kept, never guessed.
export class Unchosen {
  private readonly element = document.querySelector("#unchosen") as HTMLElement;
  private files: File[] = [];
  // Their names, or why it is not clear what they show.
  private said: string[] = [];

  constructor() {
    this.part("[data-discard]").addEventListener("click", () => this.take());
  }

  get count(): number {
    return this.files.length;
  }

  /** why: it is not clear what they show. Returns what is announced. */
  keep(files: File[], why: string[] = []): string {
    this.files.push(...files);
    this.said.push(...(why.length ? why : files.map((file) => file.name)));
    const count = this.count === 1 ? "1 photo" : `${this.count} photos`;
    const verb = this.count === 1 ? "is" : "are";
    this.part("[data-count]").textContent = count;
    this.part("[data-verb]").textContent = verb;
    this.part("[data-names]").textContent = some([...new Set(this.said)]);
    this.element.hidden = false;
    return `${count} ${verb} kept and not sent yet. Choose what's in the photos.`;
  }

  take(): File[] {
    this.element.hidden = true;
    this.said = [];
    return this.files.splice(0);
  }

  private part(selector: string): HTMLElement {
    return this.element.querySelector(selector) as HTMLElement;
  }
}

function some(texts: string[]): string {
  const first = texts.slice(0, 3);
  const more = texts.length - first.length;
  return more ? `${first.join(" · ")} and ${more} more` : first.join(" · ");
}
