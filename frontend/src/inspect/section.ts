// A batch on the page: how far it is, and its rows, newest first.
import htmx from "htmx.org";

import { Row } from "./rows";
import { prepareShowRows } from "./show-rows";
import { handOver } from "./thumbnails";

export class Section {
  batch: string;

  private constructor(
    readonly element: HTMLElement,
    readonly category: string,
    readonly name: string,
  ) {
    this.batch = this.part("[data-progress]").dataset["batch"] ?? "";
    prepareShowRows(element);
  }

  /** The section the server wrote, of a batch that goes on. */
  static existing(element: HTMLElement, category: string, name: string): Section {
    return new Section(element, category, name);
  }

  static fresh(category: string, name: string): Section {
    const template = document.querySelector<HTMLTemplateElement>("#new-batch") as HTMLTemplateElement;
    const content = template.content.cloneNode(true) as DocumentFragment;
    const section = new Section(content.firstElementChild as HTMLElement, category, name);
    section.part("[data-title]").textContent = name;
    document.querySelector("[data-batches]")?.prepend(section.element);
    return section;
  }

  add(files: File[]): Row[] {
    const rows = files.map((file) => new Row(file, this));
    for (const row of rows) this.part("[data-rows]").prepend(row.element);
    return rows;
  }

  /** The same photos of the same parts, in this batch. */
  adopt(former: Row[]): Row[] {
    return former.map((row) => {
      const [fresh] = this.add([row.file]) as [Row];
      fresh.which = row.which;
      return fresh;
    });
  }

  /** A batch of nothing goes away again, if the server does not know of it. */
  forgetIfEmpty(): boolean {
    if (this.batch || this.part("[data-rows]").childElementCount) return false;
    this.element.remove();
    return true;
  }

  /** The server's answer: its rows take the place of those that were sent. */
  taken(rows: Row[], answer: string): void {
    const holder = document.createElement("template");
    holder.innerHTML = answer;
    const progress = holder.content.querySelector<HTMLElement>("[data-progress]");
    // It had arrived the first time, and what was sent since has begun another batch.
    const batch = progress?.dataset["batch"];
    if (this.batch && batch && batch !== this.batch) return this.elsewhere(rows, answer);
    const fresh = [...holder.content.querySelectorAll<HTMLElement>(".row")];
    this.keepPictures(rows, fresh);
    const last = rows[rows.length - 1] as Row;
    last.element.before(...fresh);
    for (const row of rows) row.element.remove();
    for (const element of fresh) htmx.process(element);
    if (progress) this.showProgress(progress);
  }

  private elsewhere(rows: Row[], answer: string): void {
    const section = Section.fresh(this.category, this.name);
    for (const row of rows) section.part("[data-rows]").prepend(row.element);
    section.taken(rows, answer);
  }

  /** The answer names the newest first, so of two photos of one name the last one sent is the first. */
  private keepPictures(rows: Row[], fresh: HTMLElement[]): void {
    const left = [...rows].reverse();
    for (const element of fresh) {
      const name = element.querySelector(".row-name")?.textContent?.trim();
      const place = left.findIndex((row) => row.file.name === name);
      const slot = element.querySelector(".thumb");
      const [sent] = place < 0 ? [] : left.splice(place, 1);
      if (sent && slot) handOver(sent.thumb, slot);
    }
  }

  private showProgress(progress: HTMLElement): void {
    const isNew = !this.batch;
    this.batch = progress.dataset["batch"] ?? "";
    this.part("[data-progress]").replaceWith(progress);
    htmx.process(progress);
    if (isNew) this.showBatch(progress.dataset["address"] ?? "");
  }

  private showBatch(address: string): void {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = `batch ${this.batch}`;
    this.part("[data-title]").append(" ", link);
    document.querySelector("[data-new-batch]")?.removeAttribute("hidden");
    // A reload, or the way back from an inspection, shows these rows again.
    history.replaceState(history.state, "", `?batch=${this.batch}`);
  }

  private part(selector: string): HTMLElement {
    return this.element.querySelector(selector) as HTMLElement;
  }
}
