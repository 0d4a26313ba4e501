// What was drawn, step by step: each step can be undone by repainting those before it. Two canvases take the
// same steps: the mask itself, white on nothing, and the same hatched, for people.
export type Point = [number, number];
export type Limit = "review outline" | "anomaly outline";
export type Step =
  | { tool: "brush" | "eraser"; size: number; points: Point[] }
  | { tool: "box"; corner: Point; size: Point }
  | { tool: Limit; rings: Point[][] }
  | { tool: "clear" };

interface Layer {
  context: CanvasRenderingContext2D;
  paint: string | CanvasPattern;
}

const HATCHES = 110; // along the longer side
const LINE = "#5ce1ff";
const GROUND = "#0b4a63";

export class Drawing {
  readonly mask = document.createElement("canvas");
  private steps: Step[] = [];
  private undone: Step[] = [];
  private base: HTMLCanvasElement | null = null;
  private readonly layers: Layer[];

  constructor(readonly shown: HTMLCanvasElement, readonly width: number, readonly height: number) {
    for (const canvas of [this.mask, shown]) [canvas.width, canvas.height] = [width, height];
    const [mask, view] = [this.mask, shown].map((canvas) => canvas.getContext("2d") as CanvasRenderingContext2D);
    this.layers = [
      { context: mask!, paint: "#ffffff" },
      { context: view!, paint: hatch(view!, Math.max(4, Math.round(Math.max(width, height) / HATCHES))) },
    ];
  }

  get changed(): boolean {
    return this.steps.length > 0;
  }

  get canUndo(): boolean {
    return this.steps.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Each tool once, in the order of its first use; what it began with was made by the mask tool. */
  get tools(): string[] {
    return [...new Set([...(this.base ? ["mask"] : []), ...this.steps.map((step) => step.tool)])];
  }

  /** Begin with a mask that was saved before: light is marked. */
  begin(saved: CanvasImageSource): void {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.width, this.height];
    const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
    context.drawImage(saved, 0, 0, this.width, this.height);
    const pixels = context.getImageData(0, 0, this.width, this.height);
    for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = pixels.data[at]!;
    context.putImageData(pixels, 0, 0);
    this.base = canvas;
    this.again();
  }

  add(step: Step): void {
    this.steps.push(step);
    this.undone = [];
    this.paint(step);
  }

  /** One more point of the stroke that was added last. */
  extend(point: Point): void {
    const last = this.steps.at(-1);
    if (last?.tool !== "brush" && last?.tool !== "eraser") return;
    const before = last.points.at(-1)!;
    last.points.push(point);
    this.paint({ ...last, points: [before, point] });
  }

  undo(): Step | undefined {
    const step = this.steps.pop();
    if (step) this.undone.push(step);
    this.again();
    return step;
  }

  /** Take the last step back as if it had never been. */
  drop(): void {
    this.steps.pop();
    this.again();
  }

  redo(): Step | undefined {
    const step = this.undone.pop();
    if (step) this.steps.push(step);
    if (step) this.paint(step);
    return step;
  }

  png(): Promise<Blob | null> {
    return new Promise((resolve) => this.mask.toBlob(resolve, "image/png"));
  }

  private again(): void {
    for (const layer of this.layers) {
      layer.context.clearRect(0, 0, this.width, this.height);
      if (this.base) this.putBase(layer);
    }
    for (const step of this.steps) this.paint(step);
  }

  private putBase({ context, paint }: Layer): void {
    context.drawImage(this.base!, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = paint;
    context.fillRect(0, 0, this.width, this.height);
    context.globalCompositeOperation = "source-over";
  }

  private paint(step: Step): void {
    for (const { context, paint } of this.layers) {
      context.fillStyle = context.strokeStyle = paint;
      if (step.tool === "clear") context.clearRect(0, 0, this.width, this.height);
      else if (step.tool === "box") context.fillRect(...step.corner, ...step.size);
      else if ("rings" in step) fill(context, step.rings);
      else stroke(context, step);
    }
  }
}

function stroke(context: CanvasRenderingContext2D, step: Step & { points: Point[]; size: number }): void {
  context.globalCompositeOperation = step.tool === "eraser" ? "destination-out" : "source-over";
  context.lineWidth = step.size;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  const [first, ...rest] = step.points;
  context.moveTo(...first!);
  for (const point of rest) context.lineTo(...point);
  // A line without length is not drawn, and a tap is to leave a dot.
  if (!rest.some(([x, y]) => x !== first![0] || y !== first![1])) context.lineTo(first![0] + 0.01, first![1]);
  context.stroke();
  context.globalCompositeOperation = "source-over";
}

function fill(context: CanvasRenderingContext2D, rings: Point[][]): void {
  context.beginPath();
  for (const [first, ...rest] of rings) {
    if (!first) continue;
    context.moveTo(...first);
    for (const point of rest) context.lineTo(...point);
    context.closePath();
  }
  context.fill("evenodd");
}

/** Lines on a ground: seen on light and on dark parts, and not by colour alone. */
function hatch(context: CanvasRenderingContext2D, side: number): CanvasPattern {
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const pen = tile.getContext("2d") as CanvasRenderingContext2D;
  pen.fillStyle = GROUND;
  pen.fillRect(0, 0, side, side);
  pen.strokeStyle = LINE;
  pen.lineWidth = side / 4;
  pen.beginPath();
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 2, side + 2);
    pen.lineTo(shift + side + 2, -2);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat") as CanvasPattern;
}
