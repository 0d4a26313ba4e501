// <photo-intake>: the form that takes photos. Without scripts it is a plain form.
import { droppedFiles, pastedFiles, readableSize } from "./files";
import { Queue } from "./queue";
import { Section } from "./section";

class PhotoIntake extends HTMLElement {
  private queue!: Queue;
  private sections = new Map<string, Section>();

  connectedCallback(): void {
    const form = this.querySelector("form") as HTMLFormElement;
    this.queue = new Queue(form.action, () => new FormData(form).get("csrfmiddlewaretoken") as string);
    this.adoptBatch();
    this.addEventListener("change", (event) => this.choose(event.target as HTMLElement));
    document.addEventListener("paste", (event) => this.paste(event));
    this.prepareDrop();
  }

  private get category(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('input[name="category"]:checked');
  }

  private adoptBatch(): void {
    const element = document.querySelector<HTMLElement>("[data-batches] > [data-batch-section]");
    const category = this.category;
    if (element && category) this.sections.set(category.value, Section.existing(element, category.value));
  }

  private choose(target: HTMLElement): void {
    if (!(target instanceof HTMLInputElement) || !target.matches("[data-choose]")) return;
    this.take([...(target.files ?? [])]);
    target.value = "";
  }

  private paste(event: ClipboardEvent): void {
    const files = pastedFiles(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    this.take(files);
  }

  /** Anywhere on the page: a file dropped beside the box must not replace the page. */
  private prepareDrop(): void {
    const box = this.querySelector("[data-drop]") as HTMLElement;
    let inside = 0;
    const isFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    document.addEventListener("dragenter", (event) => isFiles(event) && box.toggleAttribute("data-over", ++inside > 0));
    document.addEventListener("dragleave", (event) => isFiles(event) && box.toggleAttribute("data-over", --inside > 0));
    document.addEventListener("dragover", (event) => isFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      inside = 0;
      box.removeAttribute("data-over");
      if (!isFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      void droppedFiles(event.dataTransfer).then((files) => this.take(files));
    });
  }

  private take(files: File[]): void {
    const category = this.category;
    if (!category || !files.length) return;
    const rows = this.sectionOf(category).add(files);
    const most = Number(this.dataset["maxBytes"]);
    for (const row of rows.filter(({ file }) => file.size > most)) {
      row.refused(`It has ${readableSize(row.file.size)}; the most that is taken is ${readableSize(most)}.`);
    }
    this.queue.add(rows.filter(({ file }) => file.size <= most));
  }

  private sectionOf(category: HTMLInputElement): Section {
    let section = this.sections.get(category.value);
    if (!section) {
      section = Section.fresh(category.value, category.dataset["name"] ?? category.value);
      this.sections.set(category.value, section);
    }
    return section;
  }
}

customElements.define("photo-intake", PhotoIntake);
