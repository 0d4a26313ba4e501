// The newest photo and its verdict, large. What is shown follows from the newest row alone, so that an old
// verdict can never stand beside a newer photo.
export type Shown = "ready" | "judging" | "OK" | "REVIEW" | "ANOMALY" | "NONE";

const WORDS: Record<Shown, string> = {
  ready: "READY",
  judging: "JUDGING …",
  OK: "OK",
  REVIEW: "REVIEW",
  ANOMALY: "ANOMALY",
  NONE: "NOT JUDGED",
};
const WITHOUT_VERDICT = ["failed", "rejected", "unsent", "kept", "cancelled"];
const SLOW = 15_000;
const OFFLINE = "There is no connection to Inspector. The verdict appears as soon as it is back.";
const KEPT = "You have been signed out. The photo is kept here and will be sent as soon as you sign in.";
const LATE = "This is taking longer than usual: the photo is waiting its turn. The verdict will appear here.";

export class Stage {
  private pictures = new Map<string, string>();
  private row: HTMLElement | null = null;
  private offline = false;
  private late = false;
  private timer = 0;
  private told = "";

  constructor(
    private readonly element: HTMLElement,
    private readonly announce: (words: string) => void,
  ) {
    for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => this.setOffline(true));
    document.addEventListener("htmx:beforeOnLoad", () => this.setOffline(false));
    // A photo that the browser cannot show, such as a TIFF: the server's picture of it comes with the verdict.
    this.photo.addEventListener("error", () => {
      this.pictures.delete(this.name);
      this.show(this.row);
    });
  }

  get shown(): Shown {
    const { state, verdict } = this.row?.dataset ?? {};
    if (!this.row) return "ready";
    if (state === "done") return verdict as Shown;
    return this.offline || WITHOUT_VERDICT.includes(state ?? "") ? "NONE" : "judging";
  }

  /** The photos themselves, to be looked at while they are judged. */
  expect(files: File[]): void {
    for (const address of this.pictures.values()) URL.revokeObjectURL(address);
    this.pictures = new Map(files.map((file) => [file.name, URL.createObjectURL(file)]));
    this.late = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.late = true;
      this.show(this.row);
    }, SLOW);
  }

  show(row: HTMLElement | null): void {
    this.row = row;
    const shown = this.shown;
    this.element.dataset["shown"] = shown;
    set(this.part("[data-word]"), this.word(shown));
    set(this.part("[data-name]"), row ? this.name : "");
    set(this.part("[data-problem-told]"), this.problem(shown));
    this.part("[data-again-here]").hidden = row?.dataset["state"] !== "unsent";
    this.draw(row, shown);
    this.tell(shown);
  }

  private get name(): string {
    return this.row?.querySelector(".row-name")?.textContent?.trim() ?? "";
  }

  private get photo(): HTMLImageElement {
    return this.part<HTMLImageElement>("[data-photo]");
  }

  private word(shown: Shown): string {
    return this.row?.hasAttribute("data-other-part") ? "NOT THIS PART" : WORDS[shown];
  }

  private problem(shown: Shown): string {
    const held = this.row?.querySelector(".row-held")?.textContent?.replace(/\s+/g, " ").trim();
    if (shown === "judging") return held || (this.late ? LATE : "");
    if (shown !== "NONE") return "";
    if (this.row?.dataset["state"] === "kept") return KEPT;
    return this.row?.querySelector(".row-problem")?.textContent?.trim() || (this.offline ? OFFLINE : "");
  }

  private draw(row: HTMLElement | null, shown: Shown): void {
    const photo = this.pictures.get(this.name) ?? row?.dataset["preview"] ?? "";
    setSource(this.photo, photo);
    this.photo.alt = photo ? `Photo ${this.name}` : "";
    // On a good part there is nothing to point at.
    const pointed = photo && (shown === "REVIEW" || shown === "ANOMALY");
    setSource(this.part<HTMLImageElement>("[data-contours]"), (pointed && row?.dataset["contours"]) || "");
  }

  private tell(shown: Shown): void {
    const words = shown === "ready" || shown === "judging" ? "" : `${this.name}: ${this.word(shown)}. ${this.problem(shown)}`;
    if (words === this.told) return;
    this.told = words;
    this.announce(words);
  }

  private setOffline(offline: boolean): void {
    if (offline === this.offline) return;
    this.offline = offline;
    this.show(this.row);
  }

  private part<Kind extends HTMLElement = HTMLElement>(selector: string): Kind {
    return this.element.querySelector(selector) as Kind;
  }
}

function set(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

function setSource(image: HTMLImageElement, address: string): void {
  image.hidden = !address;
  if (!address) image.removeAttribute("src");
  else if (image.getAttribute("src") !== address) image.src = address;
}
