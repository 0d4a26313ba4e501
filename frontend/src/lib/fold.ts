// On a phone a form of filters is folded behind one button that says how many are set.
const toggle = document.querySelector<HTMLElement>(".filters-toggle");
const form = document.getElementById(toggle?.getAttribute("aria-controls") ?? "") as HTMLFormElement | null;

function tellHowMany(): void {
  const set = [...(form?.elements ?? [])].filter((field) => field instanceof HTMLInputElement || field instanceof HTMLSelectElement);
  const count = set.filter((field) => field.value && field.name !== "sort").length;
  const words = toggle?.querySelector("[data-set]");
  if (words) words.textContent = count ? `Filters, ${count} set` : "Filters";
}

toggle?.addEventListener("click", () => {
  toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
});
form?.addEventListener("change", tellHowMany);
// What is wrong with one of them is to be seen.
if (form?.querySelector('[aria-invalid="true"]')) toggle?.setAttribute("aria-expanded", "true");
tellHowMany();

export {};
