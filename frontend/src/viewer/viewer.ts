// <photo-viewer>: photo or reconstruction, the anomaly map over it in colour or as lines, as strong as
// wanted, and zoom.
import { Gestures } from "./gestures";
import { View } from "./view";

// Who prefers lines gets them on the next photo, too. "Off" is for this photo only: nobody is to take an
// anomaly for a good part because the map was put away yesterday.
const SETTING = "anomaly-map";
const OFF = "off";

class PhotoViewer extends HTMLElement {
  private view!: View;
  private map = OFF;
  private last = "heatmap";

  connectedCallback(): void {
    const stage = this.inner("[data-stage]");
    this.view = new View(stage, this.inner("[data-layers]"), (zoom) => {
      this.inner("[data-zoom-shown]").textContent = `${zoom.toFixed(1)}×`;
    });
    new Gestures(stage, this.view);
    this.addEventListener("click", (event) => this.press((event.target as Element).closest("button")));
    this.querySelector("[data-opacity]")?.addEventListener("input", () => this.show(this.last));
    const preferred = localStorage.getItem(SETTING) ?? "";
    this.show(this.over(preferred) ? preferred : "heatmap");
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
    if (chosen !== OFF) localStorage.setItem(SETTING, chosen);
    this.show(chosen);
  }

  private putUnder(name: string): void {
    for (const button of this.querySelectorAll<HTMLElement>("[data-under]")) {
      button.setAttribute("aria-pressed", String(button.dataset["under"] === name));
    }
    for (const layer of this.querySelectorAll<HTMLElement>("[data-layer]:not([data-over])")) {
      // The photo gives the layers their size, so it is made invisible and not taken away.
      if (layer.dataset["layer"] === "photo") layer.classList.toggle("covered", name !== "photo");
      else layer.hidden = layer.dataset["layer"] !== name;
    }
  }

  private show(map: string): void {
    const slider = this.querySelector<HTMLInputElement>("[data-opacity]");
    if (!slider) return;
    this.map = map;
    if (map !== OFF) this.last = map;
    this.dataset["map"] = this.last; // whose legend is shown
    for (const layer of this.querySelectorAll<HTMLElement>("[data-over]")) {
      layer.hidden = false;
      layer.style.opacity = String(layer.dataset["layer"] === map ? Number(slider.value) / 100 : 0);
    }
    for (const button of this.querySelectorAll<HTMLElement>("button[data-map]")) {
      button.setAttribute("aria-pressed", String(button.dataset["map"] === map));
    }
    this.inner("[data-opacity-shown]").textContent = `${map === OFF ? 0 : slider.value} %`;
  }

  private over(name: string): Element | null {
    return this.querySelector(`[data-over][data-layer="${CSS.escape(name)}"]`);
  }

  private inner(selector: string): HTMLElement {
    return this.querySelector(selector) as HTMLElement;
  }
}

customElements.define("photo-viewer", PhotoViewer);
