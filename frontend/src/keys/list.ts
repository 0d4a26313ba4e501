// The list of keys that "?" opens: what the page has at this moment.
import { cap, destinations, nameOf, PREFIX } from "./pages";
import * as rows from "./rows";
import { areOn, switchKeys } from "./taken";

const dialog = document.querySelector<HTMLDialogElement>("#shortcuts");
const list = dialog?.querySelector<HTMLElement>("[data-list]");
const toggle = dialog?.querySelector<HTMLInputElement>("[data-toggle]");

/** Everything with data-key that is to be seen, or would be in a panel that is closed or folded to a line. */
export function keyed(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-key]")].filter(
    (element) =>
      element.checkVisibility() ||
      element.closest("details:not([open], .menu), [data-folded] .choices")?.parentElement?.checkVisibility(),
  );
}

/** The choice that numbers choose from, where there is one. */
export function numbered(): HTMLSelectElement | null {
  const choice = document.querySelector<HTMLSelectElement>("select[data-number-keys]");
  return choice?.checkVisibility() ? choice : null;
}

export function keysOf(element: HTMLElement): string[] {
  return (element.dataset["key"] ?? "").split(" ");
}

function labelOf(element: HTMLElement): string {
  return element.dataset["keyLabel"] ?? element.textContent?.trim() ?? "";
}

function describe(keys: string[], label: string, between = " "): Node[] {
  const term = document.createElement("dt");
  for (const key of keys) term.append(...(term.hasChildNodes() ? [between] : []), cap(key));
  const text = document.createElement("dd");
  text.textContent = label;
  return [term, text];
}

function open(): void {
  if (!dialog || !list || !toggle) return;
  const pages = keyed().map((element) => describe(keysOf(element), labelOf(element)));
  const also = [...document.querySelectorAll<HTMLElement>("[data-also-key]")].map((element) =>
    describe((element.dataset["alsoKey"] ?? "").split(" "), labelOf(element)),
  );
  const lines = rows.areThere() ? [describe(["j", "k"], "Next and previous row"), describe(["Enter"], "Open the row")] : [];
  const numbers = [...(numbered()?.options ?? [])].slice(0, 10).map(({ text }, n) => describe([`${n}`], text));
  const elsewhere = destinations().map((link) => describe([PREFIX, link.dataset["go"] ?? ""], nameOf(link), " then "));
  list.replaceChildren(...[...pages, ...also, ...numbers, ...lines, ...elsewhere].flat());
  toggle.checked = areOn();
  dialog.showModal();
}

toggle?.addEventListener("change", () => switchKeys(toggle.checked));
document.querySelector("#show-shortcuts")?.addEventListener("click", open);
