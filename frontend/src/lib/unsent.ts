/** Whether a person would lose something if this page were left now: what they typed into a form that changes
 *  something, or what a part of the page warns about before it is left (a drawing, photos, decisions). */
export function holdsUnsent(): boolean {
  const asked = new Event("beforeunload", { cancelable: true });
  return !dispatchEvent(asked) || [...document.forms].some((form) => form.method === "post" && isChanged(form));
}

function isChanged(form: HTMLFormElement): boolean {
  return [...form.elements].some((field) => {
    if (field instanceof HTMLSelectElement) return [...field.options].some(isPicked);
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  });
}

/** Chosen by a person: a select of one that names no choice has its first one picked by the browser. */
function isPicked(option: HTMLOptionElement): boolean {
  const select = option.closest("select");
  const named = select?.multiple || select?.querySelector("option[selected]");
  return named ? option.selected !== option.defaultSelected : option.selected && option.index > 0;
}
