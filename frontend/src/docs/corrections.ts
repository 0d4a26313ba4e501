// What Swagger UI lacks for screen readers and the keyboard, put right each time it redraws something.

type Correction = (element: Element) => void;

const set =
  (attribute: string, value: string): Correction =>
  (element) => {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  };
const without =
  (attribute: string): Correction =>
  (element) =>
    element.removeAttribute(attribute);

const nameIfEmpty =
  (name: string): Correction =>
  (element) =>
    (element.textContent?.trim() ? without("aria-label") : set("aria-label", name))(element);

/** A field of “Try it out” is called as its row's parameter is, or says what it takes. */
const nameField: Correction = (element) => {
  const row = element.closest("tr")?.querySelector(".parameter__name, .parameters-col_name");
  const name = row?.firstChild?.textContent?.trim();
  set("aria-label", name || (element.matches("textarea") ? "Request body" : "Media type"))(element);
};

const CORRECTIONS: [selector: string, correction: Correction][] = [
  // A link inside a button: the button does the same.
  [".opblock-summary-control a[href]", without("href")],
  [".responses-table[role=region]", without("role")],
  // Without its own title the headings begin one level higher.
  [".opblock-tag, .dialog-ux h3, section.models > h4", set("aria-level", "2")],
  [".opblock h4, .dialog-ux h4", set("aria-level", "3")],
  [".opblock h5, .dialog-ux h5", set("aria-level", "4")],
  ["pre.example, .microlight, .highlight-code > pre, .curl", set("tabindex", "0")],
  [".model-box-control", nameIfEmpty("Show or hide the fields")],
  [".close-modal", set("aria-label", "Close")],
  [".modal-btn[aria-label], .btn.authorize[aria-label]", without("aria-label")],
  ["select, textarea, input:not([id])", nameField],
];

/** Now and from now on. */
export function keepCorrect(root: HTMLElement): void {
  const correct = () => {
    for (const [selector, correction] of CORRECTIONS) {
      for (const element of root.querySelectorAll(selector)) correction(element);
    }
  };
  new MutationObserver(correct).observe(root, { childList: true, subtree: true });
}
