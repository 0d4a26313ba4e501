// <photo-station>: one category on a fixed screen. Photos go the same way as on the Inspect page, by queue
// and section; what is seen from two metres follows from the section's rows.
import { Camera } from "./camera";
import { readableSize } from "./files";
import { takePhotos } from "./giving";
import { Guard } from "./guard";
import { preparePart } from "./part";
import { Queue } from "./queue";
import { keepAwake, offerFullScreen } from "./screen";
import { Section } from "./section";
import { Sounds, type Signal } from "./sounds";
import { Stage } from "./stage";

const MOST_ROWS = 100;
const LOUDEST: readonly Signal[] = ["ANOMALY", "REVIEW", "NONE"];

class PhotoStation extends HTMLElement {
  private queue!: Queue;
  private stage!: Stage;
  private sounds!: Sounds;
  private camera!: Camera;
  private section: Section | null = null;
  private day = today();
  private readonly heard = new WeakSet<Element>();

  connectedCallback(): void {
    const guard = new Guard({
      kept: () => this.queue.kept,
      goOn: () => this.queue.goOn(),
      handOver: () => this.handOver(),
    });
    this.queue = new Queue(this.dataset["action"] ?? "", () => guard.sessionLost());
    this.sounds = new Sounds(() => this.showSound());
    this.stage = new Stage(this.inner("[data-stage-here]"), (words) => (this.inner("[data-announce]").textContent = words));
    this.adoptBatch();
    preparePart();
    takePhotos(this, (files) => this.take(files));
    this.prepareButtons();
    keepAwake();
    addEventListener("beforeunload", (event) => this.queue.unsent && event.preventDefault());
    const options = { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state", "data-verdict"] };
    new MutationObserver(() => this.look()).observe(this.inner("[data-batches]"), options);
    for (const row of this.rows) this.heard.add(row);
    this.look();
  }

  private get rows(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-rows] > .row")];
  }

  private adoptBatch(): void {
    const element = this.querySelector<HTMLElement>("[data-batches] > [data-batch-section]");
    if (element) this.section = Section.existing(element, this.dataset["category"] ?? "", this.dataset["name"] ?? "");
  }

  private take(files: File[]): void {
    const most = Number(this.dataset["maxBytes"]);
    this.stage.expect(files);
    const rows = this.sectionOfToday().add(files);
    for (const row of rows.filter(({ file }) => file.size > most)) {
      row.refused(`It is ${readableSize(row.file.size)}; the limit is ${readableSize(most)}.`);
    }
    this.queue.add(rows.filter(({ file }) => file.size <= most));
  }

  /** A batch a day, or a station that is never left would fill one for ever; but no photo goes with its
   *  batch that is still to be sent. */
  private sectionOfToday(): Section {
    if (!this.section || (this.day !== today() && !this.queue.unsent)) {
      this.section?.element.remove();
      this.querySelector("[data-former]")?.remove();
      this.day = today();
      this.section = Section.fresh(this.dataset["category"] ?? "", this.dataset["name"] ?? "");
    }
    return this.section;
  }

  private handOver(): void {
    const former = this.queue.giveBack();
    this.section?.element.remove();
    this.section = null;
    if (!former.length) return;
    this.stage.expect(former.map(({ file }) => file));
    this.queue.add(this.sectionOfToday().adopt(former));
  }

  /** Something about the rows has changed. */
  private look(): void {
    const rows = this.rows;
    this.stage.show(rows[0] ?? null);
    this.sound(rows);
    for (const row of rows.slice(MOST_ROWS)) if (row.dataset["state"] === "done") row.remove();
    this.showTitle();
  }

  private sound(rows: HTMLElement[]): void {
    const fresh = rows.filter((row) => !this.heard.has(row) && signalOf(row) !== undefined);
    for (const row of fresh) this.heard.add(row);
    const signals = fresh.map(signalOf);
    const loudest = LOUDEST.find((signal) => signals.includes(signal));
    if (loudest) this.sounds.play(loudest);
  }

  private showTitle(): void {
    const { done, anomaly } = this.querySelector<HTMLElement>("[data-progress]")?.dataset ?? {};
    const anomalies = Number(anomaly ?? 0);
    const count = `${Number(done ?? 0)} inspected`;
    document.title = `${anomalies ? `(${anomalies}) ANOMALY · ` : ""}${count} · ${this.dataset["name"]}`;
  }

  // --- Buttons and keys ---
  private prepareButtons(): void {
    this.camera = new Camera(this.inner("video"), this.inner("[data-live]"), (problem) => this.showCamera(problem));
    this.inner("[data-shutter]").addEventListener("click", () => void this.shoot());
    offerFullScreen(this.inner("[data-full-screen]"));
    this.inner("[data-sound]").addEventListener("click", () => {
      this.sounds.mute(!this.sounds.muted);
      this.showSound();
    });
    this.inner("[data-again-here]").addEventListener("click", () => this.rows[0]?.querySelector<HTMLElement>("[data-again]")?.click());
    this.showSound();
    document.addEventListener("keydown", (event) => {
      const elsewhere = (event.target as Element).closest("a, button, input, label, dialog, [contenteditable]");
      if (![" ", "Enter"].includes(event.key) || elsewhere || event.defaultPrevented || event.repeat) return;
      event.preventDefault();
      this.next();
    });
  }

  private async shoot(): Promise<void> {
    const photo = await this.camera.photo();
    if (photo) this.take([photo]);
  }

  private showCamera(problem: string): void {
    this.toggleAttribute("data-camera-live", this.camera?.live);
    this.inner("[data-camera-problem]").textContent = problem;
  }

  /** The next photo: by the camera where it comes first. */
  private next(): void {
    const ways = [...this.querySelectorAll<HTMLElement>("[data-next]")];
    ways.find((way) => way.checkVisibility())?.click();
  }

  private showSound(): void {
    const button = this.inner("[data-sound]");
    const { muted, ready } = this.sounds;
    button.setAttribute("aria-pressed", String(!muted));
    button.dataset["sound"] = muted ? "off" : "on";
    (button.querySelector("[data-words]") as HTMLElement).textContent = muted ? "Sound off" : ready ? "Sound on" : "Tap for sound";
  }

  private inner<Kind extends HTMLElement = HTMLElement>(selector: string): Kind {
    return this.querySelector(selector) as Kind;
  }
}

/** What a row sounds like; "" for OK, undefined while nothing is known. */
function signalOf(row: HTMLElement): Signal | "" | undefined {
  const { state, verdict } = row.dataset;
  if (state === "done") return verdict === "OK" ? "" : (verdict as Signal);
  return ["failed", "rejected", "unsent", "kept"].includes(state ?? "") ? "NONE" : undefined;
}

function today(): string {
  return new Date().toDateString();
}

customElements.define("photo-station", PhotoStation);
