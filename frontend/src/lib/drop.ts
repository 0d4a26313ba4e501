// Files dropped on a page. Where a page takes them, all of it does: beside the box they would replace the
// page. Where none does, nothing happens, and the cursor says so.
import { droppedFiles } from "../inspect/files";

type Take = (files: File[]) => void;
let taker: Take | null = null;

function hasFiles(event: DragEvent): boolean {
  // The Inspect page listens by itself: inspect/intake.ts.
  return (event.dataTransfer?.types.includes("Files") ?? false) && !document.querySelector("photo-intake");
}

/** Give every file dropped on this page to `take`; `box` is marked while files are over the page. */
export function takeDrops(box: HTMLElement, take: Take): void {
  let inside = 0;
  taker = take;
  const mark = (by: number) => box.toggleAttribute("data-over", (inside += by) > 0);
  document.addEventListener("dragenter", (event) => hasFiles(event) && mark(1));
  document.addEventListener("dragleave", (event) => hasFiles(event) && mark(-1));
  document.addEventListener("drop", () => mark(-inside));
}

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event) || !event.dataTransfer) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = taker ? "copy" : "none";
});

document.addEventListener("drop", (event) => {
  if (!hasFiles(event) || !event.dataTransfer) return;
  event.preventDefault();
  const take = taker;
  if (take) void droppedFiles(event.dataTransfer).then((files) => files.length && take(files));
});
