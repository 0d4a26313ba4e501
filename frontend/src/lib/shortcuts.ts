// Any link or button with data-key="j" is pressed by that key; data-key-label says what for in the
// list that "?" opens. Single keys can be switched off there (WCAG 2.1.4).
const SETTING = "single-key-shortcuts";
const dialog = document.querySelector<HTMLDialogElement>("#shortcuts");
const list = dialog?.querySelector<HTMLElement>("[data-list]");
const toggle = dialog?.querySelector<HTMLInputElement>("[data-toggle]");

function enabled(): boolean {
  return localStorage.getItem(SETTING) !== "off";
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
}

function keyed(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-key]")].filter((element) => element.checkVisibility());
}

function keysOf(element: HTMLElement): string[] {
  return (element.dataset["key"] ?? "").split(" ");
}

function describe(keys: string[], label: string): Node[] {
  const term = document.createElement("dt");
  for (const key of keys) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap, " ");
  }
  const text = document.createElement("dd");
  text.textContent = label;
  return [term, text];
}

function open(): void {
  if (!dialog || !list || !toggle) return;
  list.replaceChildren();
  for (const element of keyed()) {
    const label = element.dataset["keyLabel"] ?? element.textContent?.trim() ?? "";
    list.append(...describe(keysOf(element), label));
  }
  for (const fixed of document.querySelectorAll<HTMLElement>("[data-also-key]")) {
    list.append(...describe((fixed.dataset["alsoKey"] ?? "").split(" "), fixed.dataset["keyLabel"] ?? ""));
  }
  toggle.checked = enabled();
  dialog.showModal();
}

toggle?.addEventListener("change", () => localStorage.setItem(SETTING, toggle.checked ? "on" : "off"));
document.querySelector("#show-shortcuts")?.addEventListener("click", open);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || !enabled() || document.querySelector("dialog[open]")) return;
  const pressed = keyed().find((element) => keysOf(element).includes(event.key));
  if (pressed) {
    event.preventDefault();
    pressed.click();
  }
});
