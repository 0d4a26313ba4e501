// Small pictures of photos that are still on this device: one at a time and small, so that
// hundreds of large photos do not fill the memory.
const SIDE = 112;
let last: Promise<void> = Promise.resolve();
// Where a picture belongs once the server's row has taken the place of the one it is drawn for.
const heirs = new WeakMap<Element, Element>();

export function showThumbnail(file: File, slot: Element): void {
  last = last.then(() => draw(file, slot));
}

async function draw(file: File, slot: Element): Promise<void> {
  if (belongsTo(slot).querySelector("img")) return;
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: SIDE, resizeQuality: "medium" });
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const side = Math.min(bitmap.width, bitmap.height);
    const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    canvas.getContext("2d")?.drawImage(bitmap, left, top, side, side, 0, 0, SIDE, SIDE);
    bitmap.close();
    put(canvas, slot);
  } catch {
    // Not a picture, or of a kind this browser cannot show: the drawing in its place stays.
  }
}

/** Take a picture made here along to the server's row, until the server has its own. */
export function handOver(from: Element, to: Element): void {
  heirs.set(from, to); // the server may have answered before the picture is drawn
  const canvas = from.querySelector("canvas");
  if (canvas) put(canvas, from);
}

function put(canvas: HTMLCanvasElement, drawnFor: Element): void {
  const slot = belongsTo(drawnFor);
  if (slot.querySelector("img")) return;
  slot.replaceChildren(canvas);
  slot.setAttribute("data-local", "");
}

function belongsTo(slot: Element): Element {
  return heirs.get(slot) ?? slot;
}
