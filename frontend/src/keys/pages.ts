// "g", then a letter: to another page. The second key is waited for a few seconds, and a hint names them.
import { hush, tell } from "./tell";

export const PREFIX = "g";
const SECONDS = 3;
let until = 0;

export function destinations(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-go]")].filter((link) => link.checkVisibility());
}

export function isWaiting(): boolean {
  return performance.now() < until;
}

export function wait(): void {
  const places = destinations();
  if (!places.length) return;
  until = performance.now() + SECONDS * 1000;
  tell(["Go to: ", ...places.flatMap((link) => [cap(link.dataset["go"] ?? ""), ` ${nameOf(link)} `])], SECONDS);
}

/** The second key; any other than those of the pages ends the waiting. */
export function go(key: string): void {
  until = 0;
  hush();
  destinations()
    .find((link) => link.dataset["go"] === key)
    ?.click();
}

export function nameOf(link: HTMLElement): string {
  return link.dataset["goLabel"] ?? link.textContent?.trim() ?? "";
}

export function cap(key: string): HTMLElement {
  const element = document.createElement("kbd");
  element.textContent = key;
  return element;
}
