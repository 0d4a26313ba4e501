// A few words at the edge of the window, for a moment, and for those who listen to the page.
const place = document.querySelector<HTMLElement>("#told");
let timer = 0;
let frame = 0;

/** Words (or nodes) to tell; `seconds` until they go. */
export function tell(words: string | (string | Node)[], seconds = 4): void {
  if (!place) return;
  hush(); // the same words again are told again
  frame = requestAnimationFrame(() => place.replaceChildren(...(typeof words === "string" ? [words] : words)));
  timer = window.setTimeout(hush, seconds * 1000);
}

export function hush(): void {
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  place?.replaceChildren();
}

// What the server tells with a fragment: django_htmx's trigger_client_event(response, "tell", {"words": ...}).
document.addEventListener("tell", (event) => tell((event as CustomEvent<{ words: string }>).detail.words));
