// Whose key is it? What has the focus comes first: text is typed into a field, arrows move a slider.
const NOT_TYPED_INTO = ["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"];
const MOVING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const PRESSING = [" ", "Enter"];
const SETTING = "single-key-shortcuts";

/** Single keys can be switched off in the list of keys (WCAG 2.1.4). */
export function areOn(): boolean {
  return localStorage.getItem(SETTING) !== "off";
}

export function switchKeys(on: boolean): void {
  localStorage.setItem(SETTING, on ? "on" : "off");
}

/** Whether a shortcut may have this key: nobody else has taken it, and nobody is typing or in a dialog. */
export function isFree(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || !areOn()) return false;
  if (event.ctrlKey || event.metaKey || event.altKey || event.getModifierState("AltGraph")) return false;
  if (document.querySelector("dialog[open], :popover-open")) return false;
  return !(event.target instanceof HTMLElement && keeps(event.target, event.key));
}

function keeps(focused: HTMLElement, key: string): boolean {
  if (focused.isContentEditable || focused.matches("textarea, select")) return true;
  if (focused instanceof HTMLInputElement) {
    if (!NOT_TYPED_INTO.includes(focused.type)) return true;
    if (focused.matches('[type="radio"], [type="range"]') && MOVING.includes(key)) return true;
  }
  return PRESSING.includes(key) && focused.matches("a, button, input, summary");
}

/** The key as shortcuts name it: Caps Lock changes nothing. */
export function nameOf(event: KeyboardEvent): string {
  return event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
}
