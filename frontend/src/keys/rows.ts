// j and k go through the rows of a page's lists, whatever they are made of: the focus moves from link to
// link, so that the row is seen, read out, and opened by Enter. Past the end of a page the next one comes.
import { tell } from "./tell";

const LINKS = "a.row-name, a.row-link, a.sample, a.anomaly";
const ENTER_AT = "enter-list-at";
let current: string | null = null;

function links(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(LINKS)].filter((link) => link.checkVisibility());
}

export function areThere(): boolean {
  return document.querySelector(LINKS) !== null;
}

/** One row further (1) or back (-1). */
export function step(by: 1 | -1): void {
  const all = links();
  const focused = all.indexOf(document.activeElement as HTMLElement);
  const at = focused >= 0 ? focused : all.findIndex((link) => link.getAttribute("href") === current);
  const next = at < 0 ? all[0] : all[at + by];
  if (next) goTo(next);
  else turnPage(by, all[at]);
}

function goTo(link: HTMLElement): void {
  current = link.getAttribute("href");
  link.focus({ preventScroll: true });
  (link.closest("li, tr") ?? link).scrollIntoView({ block: "nearest" });
}

function turnPage(by: 1 | -1, last: HTMLElement | undefined): void {
  const page = document.querySelector<HTMLElement>(by > 0 ? ".pager a[rel=next]" : ".pager a[rel=prev]");
  if (page) {
    sessionStorage.setItem(ENTER_AT, by > 0 ? "first" : "last");
    page.click();
    return;
  }
  last?.focus({ preventScroll: true });
  tell(by > 0 ? "That was the last one." : "That was the first one.");
}

// Where a page begins: after the last row of the one before, or at the row that somebody comes back from.
const from = sessionStorage.getItem(ENTER_AT);
sessionStorage.removeItem(ENTER_AT);
const first = from && links().at(from === "first" ? 0 : -1);
const left = document.getElementById(location.hash.slice(1));
const begin = first || (left?.matches(LINKS) && left);
if (begin) goTo(begin);
