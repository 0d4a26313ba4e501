// What is wrong with a field, told at the field as the server would (core/field.html), without a request.

export function complain(field: HTMLElement, words: string): void {
  settle(field);
  const place = field.closest<HTMLElement>(".field") as HTMLElement;
  const list = document.createElement("ul");
  const line = document.createElement("li");
  list.className = "errors";
  list.role = "alert";
  list.id = `${field.id}_error`;
  list.append(line);
  place.append(list);
  line.append(...icon(), words);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${described(field)} ${list.id}`.trim());
  field.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}

function icon(): Node[] {
  const drawn = document.querySelector("#offline .icon"); // a warning, on every page
  return drawn ? [drawn.cloneNode(true)] : [];
}

/** Take back what was told. */
export function settle(field: HTMLElement): void {
  document.getElementById(`${field.id}_error`)?.remove();
  field.removeAttribute("aria-invalid");
  field.setAttribute("aria-describedby", described(field));
}

function described(field: HTMLElement): string {
  const ids = (field.getAttribute("aria-describedby") ?? "").split(" ");
  return ids.filter((id) => id && id !== `${field.id}_error`).join(" ");
}
