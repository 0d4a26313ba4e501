// A form that came back with errors: the first wrong field gets the focus, in the middle of the window.
// The summary above (core/errors.html) links to each of them.
function fieldOf(summary: HTMLElement, name: string): HTMLElement | null {
  const named = `[name="${CSS.escape(name)}"]:not([type="hidden"])`;
  const form = summary.closest("form") ?? document;
  return form.querySelector<HTMLElement>(`${named}:checked`) ?? form.querySelector<HTMLElement>(named);
}

function goTo(field: HTMLElement): void {
  for (let fold = field.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  field.focus({ preventScroll: true });
  // Its label and what is wrong with it are to be seen, too; a long list of choices only where the choice is.
  const whole = field.closest<HTMLElement>(".field, fieldset");
  const shown = whole && whole.offsetHeight < innerHeight / 2 ? whole : field;
  if (!isInView(shown)) shown.scrollIntoView({ block: "center" });
}

function isInView(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  const bar = document.querySelector(".topbar")?.getBoundingClientRect().bottom ?? 0;
  return top >= bar && bottom <= innerHeight;
}

function begin(summary: HTMLElement): void {
  const names = [...summary.querySelectorAll<HTMLElement>("[data-field]")].map((link) => link.dataset["field"] ?? "");
  const wrong = [summary.dataset["at"] ?? "", ...names].filter(Boolean).map((name) => fieldOf(summary, name));
  const first = wrong.find((field) => field !== null);
  if (first) goTo(first);
  else summary.focus();
}

document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLElement>("[data-errors] a[data-field]");
  const field = link && fieldOf(link.closest<HTMLElement>("[data-errors]")!, link.dataset["field"] ?? "");
  if (!field) return;
  event.preventDefault();
  goTo(field);
});

const summary = document.querySelector<HTMLElement>("[data-errors]");
if (summary) {
  document.title = `Error: ${document.title.trim()}`;
  begin(summary);
}
