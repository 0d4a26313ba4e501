// The row of a photo that is not with the server yet.
import { readableSize } from "./files";
import { partNow } from "./part";
import type { Section } from "./section";
import { showThumbnail } from "./thumbnails";

export class Row {
  readonly element: HTMLElement;
  // Names the request it goes out in, over every time that is sent again: what arrived is not taken twice.
  key = "";
  // Which part it shows, as it was said when the photo was given.
  which = partNow();

  constructor(
    readonly file: File,
    readonly section: Section,
  ) {
    const template = document.querySelector<HTMLTemplateElement>("#new-row") as HTMLTemplateElement;
    this.element = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    this.part(".row-name").textContent = file.name;
    this.part(".row-time").textContent = readableSize(file.size);
    showThumbnail(file, this.thumb);
  }

  get thumb(): Element {
    return this.part(".thumb");
  }

  progress(fraction: number): void {
    this.part<HTMLProgressElement>("progress").value = fraction;
  }

  /** It can still be undone. */
  soon(): void {
    this.show("soon", "Not sent yet", "", "waiting");
  }

  sending(): void {
    this.show("sending", "Sending", "accent", "upload");
    this.part("[data-again]").parentElement?.setAttribute("hidden", "");
    this.progress(0);
  }

  /** It waits for somebody to sign in. */
  kept(): void {
    this.show("kept", "Not sent yet", "warn", "lock");
  }

  /** Not sent: say why and offer to send it again. */
  failed(message: string, again: () => void): void {
    this.show("unsent", "Not sent", "bad", "filled-failed", message);
    const button = this.part<HTMLButtonElement>("[data-again]");
    button.parentElement?.removeAttribute("hidden");
    button.onclick = again;
  }

  /** Will not be sent at all. */
  refused(message: string): void {
    this.show("rejected", "Not taken", "bad", "filled-failed", message);
  }

  private show(state: string, word: string, tone: string, icon: string, problem = ""): void {
    this.element.dataset["state"] = state;
    this.part("[data-word]").textContent = word;
    this.part<HTMLElement>(".tag").dataset["tone"] = tone;
    this.draw(icon);
    this.part(".row-problem").textContent = problem;
    this.part("progress").toggleAttribute("hidden", state !== "sending");
  }

  private draw(icon: string): void {
    const use = this.part(".tag use");
    use.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, `#${icon}`));
    use.parentElement?.toggleAttribute("data-filled", icon.startsWith("filled-"));
  }

  private part<Kind extends Element = HTMLElement>(selector: string): Kind {
    return this.element.querySelector(selector) as Kind;
  }
}
