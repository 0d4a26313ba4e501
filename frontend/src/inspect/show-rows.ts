// "All / Anomalies / OK / ...": only what is worth a look, of many rows. The choice lives in the list's
// data-show, and style sheets do the rest, so rows that arrive later follow it, too.
const MANY = 8;

export function prepareShowRows(section: Element): void {
  const group = section.querySelector<HTMLElement>("[data-show-rows]");
  const list = section.querySelector<HTMLElement>("[data-rows]");
  if (!group || !list) return;
  const offer = () => group.toggleAttribute("hidden", list.childElementCount < MANY);
  new MutationObserver(offer).observe(list, { childList: true });
  offer();
  group.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-show]");
    if (!button) return;
    list.dataset["show"] = button.dataset["show"];
    for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
  });
}

for (const section of document.querySelectorAll("main:not(:has(photo-intake)) [data-batch-section]")) {
  prepareShowRows(section);
}
