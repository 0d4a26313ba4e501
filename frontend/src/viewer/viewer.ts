// <photo-viewer>: photo or reconstruction, the anomaly map over it as lines or in colour, as strong as
// wanted, zoom, and the bare photo for as long as a key or button is held.
import { isFree, nameOf } from "../keys/taken";
import { Gestures } from "./gestures";
import { View, type Look } from "./view";

// Who prefers colour gets it on the next photo, too. "Off" is for this photo only: nobody is to take an
// anomaly for a good part because the map was put away yesterday.
const SETTING = "anomaly-map";
const OFF = "off";
const MARK = "mark"; // few photos have one
const HOLD = ["x", " "];

class PhotoViewer extends HTMLElement {
  private view!: View;
  private map = OFF;
  private last = OFF;
  private under = "photo";
  private bare = false;
  /** How strong each map is drawn, in percent: colour hides the part, lines do not. */
  private readonly strength = new Map<string, string>();
  private readonly onKey = (event: KeyboardEvent) => this.key(event);
  private readonly onRelease = () => this.showBare(false);

  connectedCallback(): void {
    const stage = this.inner("[data-stage]");
    this.view = new View(stage, this.inner("[data-layers]"), (zoom) => {
      this.inner("[data-zoom-shown]").textContent = `${zoom.toFixed(1)}×`;
    });
    new Gestures(stage, this.view);
    for (const layer of this.overlays()) this.strength.set(nameOfLayer(layer), layer.dataset["strength"] ?? "100");
    this.addEventListener("click", (event) => this.press((event.target as Element).closest("button")));
    this.querySelector("[data-opacity]")?.addEventListener("input", (event) => this.strengthen(event.target));
    this.prepareHold();
    const usual = this.dataset["map"] ?? OFF;
    const preferred = localStorage.getItem(SETTING) ?? usual;
    this.last = this.strength.has(preferred) ? preferred : usual;
    this.show(this.last);
  }

  /** What another stage takes over. */
  get look(): Look {
    return this.view.look;
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
    for (const end of ["keyup", "blur", "pointerup", "pointercancel"]) removeEventListener(end, this.onRelease);
  }

  private prepareHold(): void {
    this.querySelector("[data-hold]")?.addEventListener("pointerdown", () => this.showBare(true));
    document.addEventListener("keydown", this.onKey);
    for (const end of ["keyup", "blur", "pointerup", "pointercancel"]) addEventListener(end, this.onRelease);
  }

  private key(event: KeyboardEvent): void {
    const onButton = (event.target as Element).matches?.("[data-hold]") && [" ", "Enter"].includes(event.key);
    if (!onButton && !(HOLD.includes(nameOf(event)) && isFree(event))) return;
    event.preventDefault(); // Space would scroll the page
    this.showBare(true);
  }

  private press(button: HTMLElement | null): void {
    if (!button) return;
    const { under, zoom, map } = button.dataset;
    if (under) this.putUnder(under);
    if (zoom === "fit") this.view.fit();
    else if (zoom) this.view.zoomBy(zoom === "in" ? 1.5 : 1 / 1.5);
    if (map) this.choose(map);
  }

  /** Pressed again, what is shown goes away: one key is enough to compare with the bare photo. */
  private choose(map: string): void {
    const chosen = map === this.map ? OFF : map;
    if (chosen !== OFF && chosen !== MARK) localStorage.setItem(SETTING, chosen);
    this.show(chosen);
  }

  private strengthen(slider: EventTarget | null): void {
    this.strength.set(this.last, (slider as HTMLInputElement).value);
    this.show(this.last);
  }

  private putUnder(name: string): void {
    this.under = name;
    for (const button of this.querySelectorAll<HTMLElement>("[data-under]")) {
      button.setAttribute("aria-pressed", String(button.dataset["under"] === name));
    }
    this.draw();
  }

  private show(map: string): void {
    this.map = map;
    if (map !== OFF) this.last = map;
    this.dataset["map"] = this.last; // whose legend is shown
    for (const button of this.querySelectorAll<HTMLElement>("button[data-map]")) {
      button.setAttribute("aria-pressed", String(button.dataset["map"] === map));
    }
    const slider = this.querySelector<HTMLInputElement>("[data-opacity]");
    if (slider) {
      slider.value = this.strength.get(this.last) ?? "100";
      this.inner("[data-opacity-shown]").textContent = `${map === OFF ? 0 : slider.value} %`;
    }
    this.draw();
  }

  private showBare(bare: boolean): void {
    if (bare === this.bare) return;
    this.bare = bare;
    this.toggleAttribute("data-bare", bare);
    this.draw();
  }

  private draw(): void {
    const under = this.bare ? "photo" : this.under;
    for (const layer of this.querySelectorAll<HTMLElement>("[data-layer]:not([data-over])")) {
      // The photo gives the layers their size, so it is made invisible and not taken away.
      if (nameOfLayer(layer) === "photo") layer.classList.toggle("covered", under !== "photo");
      else layer.hidden = nameOfLayer(layer) !== under;
    }
    for (const layer of this.overlays()) {
      const name = nameOfLayer(layer);
      layer.hidden = false;
      layer.style.opacity = String(name === this.map && !this.bare ? Number(this.strength.get(name)) / 100 : 0);
    }
  }

  private overlays(): NodeListOf<HTMLElement> {
    return this.querySelectorAll<HTMLElement>("[data-over]");
  }

  private inner(selector: string): HTMLElement {
    return this.querySelector(selector) as HTMLElement;
  }
}

function nameOfLayer(layer: HTMLElement): string {
  return layer.dataset["layer"] ?? "";
}

customElements.define("photo-viewer", PhotoViewer);
