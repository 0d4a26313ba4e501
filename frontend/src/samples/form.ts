// "Add photos": what is chosen, dropped anywhere on the page or pasted comes together in the file field, so
// that what the photos are used for is looked at before they are sent. Wrong ones would teach the next training.
import { pastedFiles } from "../inspect/files";
import { tell } from "../keys/tell";
import { takeDrops } from "../lib/drop";
import { complain, settle } from "../lib/field-error";
import { Adding } from "./add";

class AddForm {
  private readonly input: HTMLInputElement;
  private readonly submit: HTMLButtonElement;
  private readonly panel: HTMLDetailsElement;

  constructor(private readonly form: HTMLFormElement) {
    this.input = form.querySelector("[name=images]")!;
    this.submit = form.querySelector("[type=submit]")!;
    this.panel = form.closest("details")!;
    form.addEventListener("submit", (event) => this.send(event));
    form.addEventListener("change", (event) => this.changed(event.target as HTMLElement));
    document.addEventListener("paste", (event) => this.paste(event));
    takeDrops(this.panel, (files) => this.take(files));
  }

  private take(files: File[]): void {
    if (this.submit.disabled) return tell("Wait until the earlier photos are added.");
    const chosen = new DataTransfer();
    for (const file of [...(this.input.files ?? []), ...files]) chosen.items.add(file);
    this.input.files = chosen.files;
    this.panel.open = true;
    this.changed(this.input);
    this.submit.focus({ preventScroll: true });
    this.form.scrollIntoView({ block: "nearest" });
  }

  private paste(event: ClipboardEvent): void {
    const files = pastedFiles(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    this.take(files);
  }

  /** Say what is about to happen, and take back what was wrong. */
  private changed(field: HTMLElement): void {
    if (field.hasAttribute("aria-invalid")) settle(field);
    const count = this.input.files?.length ?? 0;
    const use = this.form.querySelector<HTMLSelectElement>("[name=split]")?.selectedOptions[0]?.text;
    const label = this.form.querySelector<HTMLInputElement>("[name=label]")?.value;
    const words = `${count} photo${count === 1 ? " is" : "s are"} chosen, to be added as ${use}, ${label}.`;
    this.form.querySelector("[data-chosen]")!.textContent = count ? words : "";
  }

  private send(event: SubmitEvent): void {
    event.preventDefault();
    const files = [...(this.input.files ?? [])];
    if (!files.length) complain(this.input, "Choose one or more photos, or drop them anywhere on this page.");
    else void new Adding(this.form, files).run();
  }
}

const form = document.querySelector<HTMLFormElement>("[data-add-samples]");
if (form) new AddForm(form);
