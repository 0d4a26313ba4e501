// <mark-editor>: one dialog over the page in which people mark where the defect is. A button with data-mark opens it
// for its photo. What was drawn is saved, or left after asking.
import { areOn, nameOf } from "../keys/taken";
import { noticeOnNextPage } from "../lib/notice";
import { Gestures } from "../viewer/gestures";
import { View, type Look } from "../viewer/view";
import { Drawing, type Limit, type Point } from "./drawing";
import { Pen, type Tool } from "./pen";
import { save } from "./save";

const BRUSH = 0.03; // of the longer side, to begin with
const LARGEST = 0.25;
const GROWN = 1.25;

class MarkEditor extends HTMLElement {
  private opener!: HTMLElement;
  private drawing!: Drawing;
  private view!: View;
  private pen!: Pen;
  /** Pixels of the photo for one of the drawing. */
  private scale = 1;
  private outlines: Record<string, Point[][]> = {};
  private readonly onKey = (event: KeyboardEvent) => this.dialog.open && this.key(event);
  private readonly onLeave = (event: BeforeUnloadEvent) => this.isChanged && event.preventDefault();

  connectedCallback(): void {
    this.addEventListener("click", (event) => this.pressed((event.target as Element).closest("button")));
    document.addEventListener("keydown", this.onKey);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.escape();
    });
    this.inner<HTMLInputElement>("[data-size]").addEventListener("input", (event) => {
      this.resize(Number((event.target as HTMLInputElement).value) / this.scale);
    });
    this.inner("form").addEventListener("submit", (event) => this.addBox(event));
    addEventListener("beforeunload", this.onLeave);
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.onLeave);
    document.removeEventListener("keydown", this.onKey);
  }

  private get dialog(): HTMLDialogElement {
    return this.querySelector("dialog") as HTMLDialogElement;
  }

  private get isChanged(): boolean {
    return this.dialog.open && this.drawing.changed;
  }

  open(opener: HTMLElement): void {
    this.opener = opener;
    const { width, height, photoWidth, name } = this.asked;
    this.scale = Number(photoWidth) / Number(width);
    const stage = this.inner<HTMLTemplateElement>("template").content.cloneNode(true) as DocumentFragment;
    const canvas = stage.querySelector("canvas") as HTMLCanvasElement;
    this.inner("[data-place]").replaceChildren(stage);
    this.inner("[data-name]").textContent = name ?? "";
    this.drawing = new Drawing(canvas, Number(width), Number(height));
    this.wrong("");
    this.asking(false);
    this.dialog.showModal();
    this.prepareStage();
    this.prepareGuide();
    this.choose("brush");
    this.resize(BRUSH * Math.max(this.drawing.width, this.drawing.height));
    this.drawn("");
    void this.fetchOutlines();
    if (this.asked["mask"]) void this.begin(this.asked["mask"]);
  }

  private get asked(): DOMStringMap {
    return this.opener.dataset;
  }

  private prepareStage(): void {
    const stage = this.inner("[data-stage]");
    const layers = this.inner("[data-layers]");
    const photo = this.inner<HTMLImageElement>("[data-layer=photo]");
    photo.width = this.drawing.width;
    photo.height = this.drawing.height;
    photo.src = this.asked["photo"] ?? "";
    this.view = new View(stage, layers, (zoom) => {
      layers.style.setProperty("--zoom", String(zoom));
      this.inner("[data-zoom-shown]").textContent = `${zoom.toFixed(1)}×`;
    });
    this.pen = new Pen(stage, this.drawing, {
      drawn: (words) => this.drawn(words),
      reached: (x, y) => this.view.reveal(x, y),
    });
    new Gestures(stage, this.view, { draws: () => this.pen.tool !== "move", eager: true });
    const viewer = this.opener.closest("[data-card], article")?.querySelector("photo-viewer") as
      | (HTMLElement & { look?: Look })
      | null;
    if (viewer?.look) this.view.take(viewer.look);
    stage.focus({ preventScroll: true });
  }

  private prepareGuide(): void {
    const guide = this.inner<HTMLImageElement>("[data-guide-layer]");
    const button = this.inner<HTMLButtonElement>("[data-guide]");
    guide.src = this.asked["guide"] ?? "";
    button.hidden = !this.asked["guide"];
    this.showGuide(!button.hidden);
  }

  private showGuide(shown: boolean): void {
    this.inner("[data-guide-layer]").hidden = !shown;
    this.inner("[data-guide]").setAttribute("aria-pressed", String(shown));
  }

  /** What the map can give: a limit that it does not reach is not offered. */
  private async fetchOutlines(): Promise<void> {
    this.outlines = {};
    this.offer();
    const response = await fetch(this.asked["outlines"] ?? "").catch(() => null);
    if (!response?.ok || !this.dialog.open) return;
    this.outlines = (await response.json()) as Record<string, Point[][]>;
    this.offer();
  }

  private offer(): void {
    for (const button of this.querySelectorAll<HTMLButtonElement>("[data-outline]")) {
      button.disabled = !this.outlines[button.dataset["outline"]!]?.length;
    }
  }

  private async begin(mask: string): Promise<void> {
    const saved = new Image();
    saved.src = mask;
    const drawing = this.drawing;
    try {
      await saved.decode();
      drawing.begin(saved);
      this.say("The saved mark was loaded.");
    } catch {
      this.wrong("The saved mark could not be loaded. What you save replaces it.");
    }
  }

  private pressed(button: HTMLElement | null): void {
    if (!button) return;
    const { tool, outline, action, zoom } = button.dataset;
    if (tool) this.choose(tool as Tool);
    if (outline) this.takeOver(outline);
    if (zoom === "fit") this.view.fit();
    else if (zoom) this.view.zoomBy(zoom === "in" ? 1.5 : 1 / 1.5);
    if (button.matches("[data-guide]")) this.showGuide(button.getAttribute("aria-pressed") !== "true");
    if (action) this.act(action);
  }

  private act(action: string): void {
    if (action === "undo") this.drawn(told("Undone", this.drawing.undo()));
    if (action === "redo") this.drawn(told("Done again", this.drawing.redo()));
    if (action === "clear") {
      this.drawing.add({ tool: "clear" });
      this.drawn("Everything was cleared. Undo brings it back.");
    }
    if (action === "smaller") this.resize(this.pen.size / GROWN);
    if (action === "larger") this.resize(this.pen.size * GROWN);
    if (action === "save") void this.save();
    if (action === "leave") this.leave();
    if (action === "stay") this.asking(false);
    if (action === "discard") this.close();
  }

  private choose(tool: Tool): void {
    this.pen.choose(tool);
    for (const button of this.querySelectorAll<HTMLElement>("button[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset["tool"] === tool));
    }
    this.inner("[data-stage]").dataset["tool"] = tool;
    this.inner("[data-sizes]").hidden = tool === "box" || tool === "move";
    this.inner("form").hidden = tool !== "box";
    this.keepFocus();
  }

  private resize(size: number): void {
    const longer = Math.max(this.drawing.width, this.drawing.height);
    const kept = Math.min(LARGEST * longer, Math.max(1, size));
    this.pen.resize(kept);
    const slider = this.inner<HTMLInputElement>("[data-size]");
    slider.max = String(Math.round(LARGEST * longer * this.scale));
    slider.value = String(Math.round(kept * this.scale));
    this.inner("[data-size-shown]").textContent = `${Math.round(kept * this.scale)} px`;
  }

  private takeOver(name: string): void {
    const rings = (this.outlines[name] ?? []).map((ring) => ring.map(([x, y]) => [x / this.scale, y / this.scale] as Point));
    if (!rings.length) return;
    this.drawing.add({ tool: `${name} outline` as Limit, rings });
    this.drawn(`The map's outline at the ${name === "review" ? "REVIEW limit" : "threshold"} was added.`);
  }

  private addBox(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const [left, top, width, height] = ["left", "top", "width", "height"].map((name) => Number(form.get(name)) / this.scale);
    this.drawing.add({ tool: "box", corner: [left!, top!], size: [width!, height!] });
    this.drawn("Box added.");
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const command = event.ctrlKey || event.metaKey;
    if (target.matches("input[type=number]") || event.altKey) return;
    const name = command ? { z: event.shiftKey ? "y" : "z", y: "y", s: "s" }[event.key.toLowerCase()] : nameOf(event);
    if (!name || (!command && !areOn())) return;
    const button = [...this.querySelectorAll<HTMLButtonElement>("[data-mark-key]")].find(
      (one) => one.dataset["markKey"]!.split(" ").includes(name) && !one.closest("[hidden]"),
    );
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  private escape(): void {
    if (this.pen.busy) this.pen.stop();
    else this.leave();
  }

  private leave(): void {
    if (!this.drawing.changed) return this.close();
    this.asking(true);
    this.inner<HTMLElement>("[data-action=stay]").focus();
  }

  private asking(shown: boolean): void {
    this.inner("[data-asked]").hidden = !shown;
  }

  private close(): void {
    this.dialog.close();
    this.inner("[data-place]").replaceChildren();
    this.opener.focus();
  }

  private async save(): Promise<void> {
    const button = this.inner<HTMLButtonElement>("[data-action=save]");
    if (button.disabled) return;
    const form = new FormData();
    const png = await this.drawing.png();
    if (png) form.append("mask", png, "mask.png");
    form.append("tools", this.drawing.tools.join(","));
    if ("seen" in this.asked) form.append("seen", this.asked["seen"]!);
    button.disabled = true;
    const saved = await save(this.asked["save"] ?? "", form);
    button.disabled = false;
    if (saved.wrong) this.wrong(saved.wrong);
    else this.show(saved.markup);
  }

  /** In the queue the photo's card goes on; a page of one photo shows it in its viewer, too. */
  private show(markup: string): void {
    const fresh = new DOMParser().parseFromString(markup, "text/html").querySelector<HTMLElement>("[data-mark-of]");
    const before = document.querySelector(`[data-mark-of="${fresh?.dataset["markOf"]}"]`);
    this.dialog.close();
    this.inner("[data-place]").replaceChildren();
    if ("reload" in this.asked) {
      noticeOnNextPage("good", "The mark was saved.");
      return location.reload();
    }
    if (!fresh || !before) return;
    before.replaceWith(document.adoptNode(fresh));
    fresh.querySelector<HTMLElement>("button")?.focus();
  }

  private drawn(words: string): void {
    this.inner<HTMLButtonElement>("[data-action=undo]").disabled = !this.drawing.canUndo;
    this.inner<HTMLButtonElement>("[data-action=redo]").disabled = !this.drawing.canRedo;
    this.wrong("");
    this.say(words);
    this.keepFocus();
  }

  /** What had the focus was hidden or disabled: the keys go on at the photo. */
  private keepFocus(): void {
    const focused = document.activeElement;
    const away = !focused || focused === document.body || focused.matches(":disabled") || focused.closest("[hidden]");
    if (away) this.inner("[data-stage]").focus({ preventScroll: true });
  }

  private say(words: string): void {
    this.inner("[data-said]").textContent = words;
  }

  private wrong(words: string): void {
    this.inner("[data-wrong]").textContent = words;
  }

  private inner<Kind extends HTMLElement = HTMLElement>(selector: string): Kind {
    return this.querySelector(selector) as Kind;
  }
}

function told(what: string, step: { tool: string } | undefined): string {
  return step ? `${what}: ${step.tool}.` : "";
}

customElements.define("mark-editor", MarkEditor);

document.addEventListener("click", (event) => {
  const opener = (event.target as Element).closest<HTMLElement>("[data-mark]");
  if (opener) document.querySelector<MarkEditor>("mark-editor")?.open(opener);
});
