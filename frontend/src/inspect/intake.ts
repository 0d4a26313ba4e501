// <photo-intake>: the form that takes photos. Without scripts it is a plain form.
// One direction: photos given -> (category chosen, or found?) -> (undo?) -> rows -> queue -> the server's rows.
import { person } from "../lib/session";
import { readableSize } from "./files";
import { Finder } from "./finder";
import { takePhotos } from "./giving";
import { Guard } from "./guard";
import { preparePart } from "./part";
import { Queue } from "./queue";
import type { Row } from "./rows";
import { Section } from "./section";
import { Undo } from "./soon";
import { Unchosen } from "./unchosen";

// The choice that leaves it to the server what each photo shows, and where it is kept whose choice that was.
const FIND = "*";
const FIND_KEPT = "find-category";

class PhotoIntake extends HTMLElement {
  private queue!: Queue;
  private undo!: Undo;
  private unchosen!: Unchosen;
  private finder!: Finder;
  private sections = new Map<string, Section>();
  // The choice by which photos have been sent since it was made: no doubt about it any more.
  private certain = "";

  connectedCallback(): void {
    const form = this.querySelector(":scope > form") as HTMLFormElement;
    const guard = new Guard({
      kept: () => this.queue.kept,
      goOn: () => this.queue.goOn(),
      handOver: () => this.handOver(),
    });
    this.queue = new Queue(form.action, () => guard.sessionLost());
    this.undo = new Undo({ send: (rows) => this.send(rows), undone: (rows) => this.undone(rows) });
    this.unchosen = new Unchosen();
    this.finder = new Finder(this.dataset["find"] ?? "", (slug) => this.choice(slug)?.dataset["name"]);
    this.adoptBatch();
    this.chooseAsBefore();
    preparePart();
    takePhotos(this, (files) => this.take(files));
    this.addEventListener("change", (event) => (event.target as Element).matches("[name=category]") && this.chosen());
    this.unfolder.addEventListener("click", () => this.fold(!this.hasAttribute("data-folded")));
    addEventListener("beforeunload", (event) => {
      if (this.queue.unsent || this.undo.pending || this.unchosen.count || this.finder.busy) event.preventDefault();
    });
  }

  private get category(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('input[name="category"]:checked');
  }

  private choice(value: string): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>(`[name=category][value="${CSS.escape(value)}"]`);
  }

  /** Who leaves it to the server does so on the next page, too, unless its address names a category. */
  private chooseAsBefore(): void {
    const find = this.choice(FIND);
    const named = new URLSearchParams(location.search).has("category");
    if (!find || named || localStorage.getItem(FIND_KEPT) !== person()) return;
    find.checked = true;
    this.showChosen();
  }

  private get unfolder(): HTMLElement {
    return this.querySelector("[data-unfold]") as HTMLElement;
  }

  private adoptBatch(): void {
    const element = document.querySelector<HTMLElement>("[data-batches] > [data-batch-section]");
    const category = this.category;
    if (!element || !category) return;
    this.sections.set(category.value, Section.existing(element, category.value, nameOf(category)));
    this.certain = category.value;
    this.fold(true);
  }

  private take(files: File[]): void {
    const category = this.category;
    if (!category) {
      this.announce(this.unchosen.keep(files));
      this.askForCategory();
      return;
    }
    if (category.value === FIND) void this.find(files);
    else this.takeAs(this.rowsOf(files, category), category.value);
  }

  /** Under the choice that they were given by. */
  private takeAs(rows: Row[], choice: string): void {
    const doubt = this.undo.pending || this.certain !== choice || rows.length > 1;
    if (doubt && rows.length) this.announce(this.undo.offer(rows));
    else this.send(rows);
    this.underWay();
  }

  /** Some at a time, so that the first verdicts come while the rest is still looked at. */
  private async find(files: File[]): Promise<void> {
    await this.finder.sort(files, ({ clear, unclear, why }) => {
      this.showFinding();
      const rows = [...clear].flatMap(([slug, some]) => this.rowsOf(some, this.choice(slug) as HTMLInputElement));
      if (rows.length) this.takeAs(rows, FIND);
      if (!unclear.length) return;
      const asked = this.unchosen.count > 0;
      this.announce(this.unchosen.keep(unclear, [...why]));
      if (!asked) this.askForCategory();
    });
  }

  /** A row for each; those that are too large are told so and not among what is returned. */
  private rowsOf(files: File[], category: HTMLInputElement): Row[] {
    const most = Number(this.dataset["maxBytes"]);
    return this.sectionOf(category)
      .add(files)
      .filter((row) => {
        if (row.file.size <= most) return true;
        row.refused(`It is ${readableSize(row.file.size)}; the limit is ${readableSize(most)}.`);
        return false;
      });
  }

  private send(rows: Row[]): void {
    if (!rows.length) return;
    this.certain = this.category?.value === FIND ? FIND : (rows[0] as Row).section.category;
    for (const row of rows) row.sending();
    this.queue.add(rows);
  }

  private undone(rows: Row[]): void {
    const category = this.category;
    if (category) category.checked = false;
    this.certain = "";
    this.announce(`Not sent. ${this.unchosen.keep(this.withdrawn(rows))}`);
    this.askForCategory();
  }

  private withdrawn(rows: Row[]): File[] {
    for (const row of rows) {
      row.element.remove();
      if (row.section.forgetIfEmpty()) this.sections.delete(row.section.category);
    }
    return rows.map((row) => row.file);
  }

  /** Photos that wait, for a category or for their seconds to pass, are of the one chosen now. */
  private chosen(): void {
    this.certain = "";
    if (this.category?.value === FIND) localStorage.setItem(FIND_KEPT, person());
    else localStorage.removeItem(FIND_KEPT);
    this.showChosen();
    const files = [...this.withdrawn(this.undo.end()), ...this.unchosen.take()];
    if (files.length) this.take(files);
    else this.underWay();
  }

  /** Photos of somebody who has signed out are never added to another one's batch. */
  private handOver(): void {
    this.sections.clear();
    const gone: File[] = [];
    for (const row of this.queue.giveBack()) {
      const category = this.choice(row.section.category);
      row.element.remove();
      if (category) this.send(this.sectionOf(category).adopt([row]));
      else gone.push(row.file);
    }
    if (!gone.length) return;
    this.announce(this.unchosen.keep(gone));
    this.askForCategory();
  }

  private sectionOf(category: HTMLInputElement): Section {
    let section = this.sections.get(category.value);
    if (!section) {
      section = Section.fresh(category.value, nameOf(category));
      this.sections.set(category.value, section);
    }
    return section;
  }

  // --- What the form looks like ---
  private askForCategory(): void {
    this.fold(false);
    this.showChosen();
    const choices = this.querySelector("#choices") as HTMLElement;
    choices.focus({ preventScroll: true });
    choices.scrollIntoView({ block: "center" });
  }

  private underWay(): void {
    if (!this.sections.size) return;
    this.dataset["underWay"] = "";
    this.fold(true);
  }

  private fold(folded: boolean): void {
    this.toggleAttribute("data-folded", folded);
    this.unfolder.setAttribute("aria-expanded", String(!folded));
    this.showChosen();
  }

  private showChosen(): void {
    const category = this.category;
    (this.querySelector("[data-chosen]") as HTMLElement).textContent = category ? nameOf(category) : "Choose";
    const search = category && category.value !== FIND ? `?category=${category.value}` : "";
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-station], [data-new-batch]")) link.search = search;
  }

  private showFinding(): void {
    const finding = this.querySelector("[data-finding]") as HTMLElement;
    const left = this.finder.busy;
    finding.textContent = `Finding the category of ${left === 1 ? "1 photo" : `${left} photos`}`;
    finding.hidden = !left;
  }

  private announce(words: string): void {
    (this.querySelector("[data-announce]") as HTMLElement).textContent = words;
  }
}

function nameOf(category: HTMLInputElement): string {
  return category.dataset["name"] ?? category.value;
}

customElements.define("photo-intake", PhotoIntake);
