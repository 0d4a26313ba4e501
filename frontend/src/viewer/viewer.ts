// <photo-viewer>: photo or reconstruction, the heatmap over it as strong as wanted, and zoom.
import { Gestures } from "./gestures";
import { View } from "./view";

class PhotoViewer extends HTMLElement {
  private view!: View;
  private shown = true;

  connectedCallback(): void {
    const stage = this.inner("[data-stage]");
    this.view = new View(stage, this.inner("[data-layers]"), (zoom) => {
      this.inner("[data-zoom-shown]").textContent = `${zoom.toFixed(1)}×`;
    });
    new Gestures(stage, this.view);
    this.addEventListener("click", (event) => this.press((event.target as Element).closest("button")));
    this.querySelector("[data-opacity]")?.addEventListener("input", () => {
      this.shown = true;
      this.showHeatmap();
    });
    this.showHeatmap();
  }

  private press(button: HTMLElement | null): void {
    if (!button) return;
    const { under, zoom } = button.dataset;
    if (under) this.putUnder(under);
    if (zoom === "fit") this.view.fit();
    else if (zoom) this.view.zoomBy(zoom === "in" ? 1.5 : 1 / 1.5);
    if ("toggleHeatmap" in button.dataset) {
      this.shown = !this.shown;
      this.showHeatmap();
    }
  }

  private putUnder(name: string): void {
    for (const button of this.querySelectorAll<HTMLElement>("[data-under]")) {
      button.setAttribute("aria-pressed", String(button.dataset["under"] === name));
    }
    for (const layer of this.querySelectorAll<HTMLElement>('[data-layer]:not([data-layer="heatmap"])')) {
      // The photo gives the layers their size, so it is made invisible and not taken away.
      if (layer.dataset["layer"] === "photo") layer.classList.toggle("covered", name !== "photo");
      else layer.hidden = layer.dataset["layer"] !== name;
    }
  }

  private showHeatmap(): void {
    const slider = this.querySelector<HTMLInputElement>("[data-opacity]");
    const heatmap = this.querySelector<HTMLElement>('[data-layer="heatmap"]');
    if (!slider || !heatmap) return;
    const percent = this.shown ? Number(slider.value) : 0;
    heatmap.style.opacity = String(percent / 100);
    this.inner("[data-opacity-shown]").textContent = `${percent} %`;
    this.inner("[data-toggle-heatmap]").setAttribute("aria-pressed", String(this.shown));
  }

  private inner(selector: string): HTMLElement {
    return this.querySelector(selector) as HTMLElement;
  }
}

customElements.define("photo-viewer", PhotoViewer);
