// How photos get onto a page: chosen, taken, pasted, or dropped anywhere.
import { droppedFiles, pastedFiles } from "./files";

export type Take = (files: File[]) => void;

export function takePhotos(within: HTMLElement, take: Take): void {
  within.addEventListener("change", (event) => choose(event.target as HTMLElement, take));
  document.addEventListener("paste", (event) => paste(event, take));
  takeDrops(within.querySelector("[data-drop]") ?? within, take);
}

function choose(target: HTMLElement, take: Take): void {
  if (!(target instanceof HTMLInputElement) || !target.matches("[data-choose]")) return;
  const files = [...(target.files ?? [])];
  target.value = "";
  if (files.length) take(files);
}

function paste(event: ClipboardEvent, take: Take): void {
  const files = pastedFiles(event.clipboardData);
  if (!files.length) return;
  event.preventDefault();
  take(files);
}

/** Anywhere on the page: a file dropped beside the box must not replace the page. */
function takeDrops(box: Element, take: Take): void {
  let inside = 0;
  const isFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener("dragenter", (event) => isFiles(event) && box.toggleAttribute("data-over", ++inside > 0));
  document.addEventListener("dragleave", (event) => isFiles(event) && box.toggleAttribute("data-over", --inside > 0));
  document.addEventListener("dragover", (event) => isFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    inside = 0;
    box.removeAttribute("data-over");
    if (!isFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    void droppedFiles(event.dataTransfer).then((files) => files.length && take(files));
  });
}
