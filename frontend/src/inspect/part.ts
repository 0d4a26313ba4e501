// Which part the photos show: what the fields of "Part" say when a photo is given, not when it is sent.
import { complain, settle } from "../lib/field-error";

const LONGEST = 100;

/** Names and values, as a text to compare by. */
export function partNow(): string {
  const said = fields().map((field) => [field.name, field.value.trim()]);
  return JSON.stringify(said.filter(([, value]) => value));
}

export function preparePart(): void {
  const menu = document.querySelector<HTMLDetailsElement>("[data-part]");
  if (!menu) return;
  menu.addEventListener("input", (event) => {
    check(event.target as HTMLInputElement);
    tell(menu);
  });
  // Scanners of codes end with Enter: the next field, not the form.
  menu.addEventListener("keydown", (event) => {
    const place = fields().indexOf(event.target as HTMLInputElement);
    if (event.key !== "Enter" || place < 0) return;
    event.preventDefault();
    const next = fields()[place + 1];
    if (next) next.focus();
    else menu.querySelector("summary")?.focus();
  });
  menu.addEventListener("toggle", () => menu.open && fields()[0]?.focus());
  tell(menu);
}

function fields(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("[data-part] input")];
}

function check(field: HTMLInputElement): void {
  const { length } = field.value.trim();
  if (length > LONGEST) complain(field, `Use at most ${LONGEST} characters; this has ${length}.`);
  else settle(field);
}

function tell(menu: HTMLElement): void {
  const said = fields().map((field) => field.value.trim()).filter(Boolean);
  (menu.querySelector("[data-part-told]") as HTMLElement).textContent = said.length ? said.join(" · ") : "Part";
}
