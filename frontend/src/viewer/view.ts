// How far the layers are enlarged and moved. Zoom 1 shows the whole photo; it never leaves the stage.
const MOST = 16;
const EDGE = 32; // px of the stage: what is nearer to its edge is brought in

/** A zoom and a place that another stage can take over: x and y as shares of the photo's size on it. */
export interface Look {
  zoom: number;
  x: number;
  y: number;
}

export class View {
  private zoom = 1;
  private x = 0;
  private y = 0;

  constructor(
    private readonly stage: HTMLElement,
    private readonly layers: HTMLElement,
    private readonly onZoom: (zoom: number) => void,
  ) {
    new ResizeObserver(() => this.apply()).observe(stage);
    const photo = layers.querySelector<HTMLImageElement>('[data-layer="photo"]');
    photo?.addEventListener("load", () => this.takeShape(photo.naturalWidth, photo.naturalHeight));
    if (photo) this.takeShape(photo.naturalWidth || photo.width, photo.naturalHeight || photo.height);
  }

  get isWhole(): boolean {
    return this.zoom === 1;
  }

  get look(): Look {
    return { zoom: this.zoom, x: this.x / (this.layers.offsetWidth || 1), y: this.y / (this.layers.offsetHeight || 1) };
  }

  take(look: Look): void {
    this.zoom = look.zoom;
    this.x = look.x * this.layers.offsetWidth;
    this.y = look.y * this.layers.offsetHeight;
    this.apply();
  }

  /** Move as little as brings a point of the window into the stage. */
  reveal(clientX: number, clientY: number): void {
    const box = this.stage.getBoundingClientRect();
    const short = (at: number, from: number, to: number) => Math.max(0, from + EDGE - at) + Math.min(0, to - EDGE - at);
    this.moveBy(short(clientX, box.left, box.right), short(clientY, box.top, box.bottom));
  }

  fit(): void {
    this.zoom = 1;
    this.x = this.y = 0;
    this.apply();
  }

  /** Enlarge around a point of the window, the middle of the stage by default. */
  zoomBy(factor: number, clientX?: number, clientY?: number): void {
    const box = this.stage.getBoundingClientRect();
    const aroundX = clientX === undefined ? 0 : clientX - box.left - box.width / 2;
    const aroundY = clientY === undefined ? 0 : clientY - box.top - box.height / 2;
    const zoom = Math.min(MOST, Math.max(1, this.zoom * factor));
    const grown = zoom / this.zoom;
    this.x = aroundX - (aroundX - this.x) * grown;
    this.y = aroundY - (aroundY - this.y) * grown;
    this.zoom = zoom;
    this.apply();
  }

  moveBy(x: number, y: number): void {
    this.x += x;
    this.y += y;
    this.apply();
  }

  /** As large as the stage allows: small photos are enlarged, too. */
  private takeShape(width: number, height: number): void {
    if (height) this.layers.style.setProperty("--ratio", String(width / height));
    this.apply();
  }

  private apply(): void {
    const reach = (size: number, room: number) => Math.max(0, (size * this.zoom - room) / 2);
    const reachX = reach(this.layers.offsetWidth, this.stage.clientWidth);
    const reachY = reach(this.layers.offsetHeight, this.stage.clientHeight);
    this.x = Math.min(reachX, Math.max(-reachX, this.x));
    this.y = Math.min(reachY, Math.max(-reachY, this.y));
    this.layers.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
    this.stage.toggleAttribute("data-zoomed", this.zoom > 1);
    this.onZoom(this.zoom);
  }
}
