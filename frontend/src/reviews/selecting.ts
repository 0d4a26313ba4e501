// The history: decided photos are ticked and sent to the samples together. The list is fetched again by filters, so
// nothing here holds on to an element.
const BOXES = 'input[form="to-samples"]';

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(BOXES)];
}

function count(): void {
  const form = document.querySelector<HTMLFormElement>("form#to-samples");
  if (!form) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  form.querySelector("[data-ticked]")!.textContent = String(ticked);
  form.querySelector<HTMLElement>("[data-tick-all]")!.hidden = all.length === 0;
  form.querySelector<HTMLElement>("[type=submit]")!.hidden = ticked === 0;
}

function all(): void {
  const some = boxes().some((box) => !box.checked);
  for (const box of boxes()) box.checked = some;
  count();
}

document.addEventListener("change", (event) => (event.target as Element).matches(BOXES) && count());
document.addEventListener("click", (event) => (event.target as Element).closest("[data-tick-all]") && all());
document.addEventListener("htmx:afterSettle", count);
addEventListener("pageshow", count);
count();
