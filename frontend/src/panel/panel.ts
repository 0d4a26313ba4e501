// What the admin panel's library leaves out: names for what only shows a drawing, keys for what only
// takes clicks, and the person's time zone.
import "../lib/once";
import "../lib/time-zone";
import "./panel.css";
import "./retrain.css";

const NAMES: Record<string, string> = {
  more_horiz: "Actions",
  close: "Close the menu",
  arrow_circle_down: "Sort the other way round",
  arrow_circle_up: "Sort the other way round",
  cancel: "Do not sort by this",
};
const CLICKS = "x-on\\:click";

/** Drawings are letters of a font, and would be read as words such as “arrow back”. */
function hideIcon(icon: Element): void {
  const control = icon.closest(`a, button, [${CLICKS}]`);
  if (control !== icon) icon.setAttribute("aria-hidden", "true");
  if (!control || control.getAttribute("aria-label")) return;
  const words = [...control.childNodes].some((node) => node !== icon && node.textContent?.trim());
  const drawn = icon.textContent?.trim() ?? "";
  if (control === icon || !words) {
    control.setAttribute("aria-label", control.getAttribute("title") || (NAMES[drawn] ?? drawn));
  }
}

/** A division that does something when clicked is a button, by keyboard too. */
function makeButton(element: HTMLElement): void {
  if (!element.textContent?.trim()) return;
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    element.click();
  });
}

/** “What was done”: the library's style would write “What Was Done”. */
function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function nameRegion(selector: string, name: string): void {
  for (const found of document.querySelectorAll(selector)) {
    found.setAttribute("data-simplebar-aria-label", name);
  }
}

// Before the library's own scripts look at the page: they listen for the same event, and later.
document.addEventListener("DOMContentLoaded", () => {
  nameRegion("#nav-sidebar [data-simplebar]", "Pages of the panel");
  nameRegion("#changelist-form [data-simplebar]", "Rows");
  nameRegion("#changelist-filter [data-simplebar]", "Filters");
  document.querySelector("#nav-sidebar-inner")?.setAttribute("aria-label", "Admin panel");
  document.querySelector("#searchbar-submit")?.setAttribute("aria-label", "Search");
  document.querySelector("#searchbar")?.setAttribute("aria-label", "Search");
  for (const cell of document.querySelectorAll<HTMLElement>("[data-label]")) {
    cell.dataset["label"] = capitalised(cell.dataset["label"]!);
  }
  for (const box of document.querySelectorAll<HTMLInputElement>("input.action-select")) {
    const name = box.closest("tr")?.querySelector("th")?.textContent?.trim();
    if (name) box.setAttribute("aria-label", `Select ${name}`);
  }
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) hideIcon(icon);
  const clicked = document.querySelectorAll<HTMLElement>(`[${CLICKS}]`);
  for (const element of clicked) {
    if (!element.matches("a[href], button, input, select, textarea, tr, li, form")) makeButton(element);
  }
});
