// An htmx request that is refused because the session is another than the page's: it is sent once more
// with a fresh token, or the page says what to do. A page with photos on it never goes to the sign-in page.
import htmx from "htmx.org";

import { lookAgain, nameNow } from "./session";

interface Answered {
  elt: Element;
  xhr: XMLHttpRequest;
  requestConfig: { triggeringEvent?: Event };
}

export const LOST = "session-lost";
const again = new WeakSet<Element>();

/** A page that keeps something says so; see inspect/guard. */
export function keepsPhotos(): boolean {
  return document.querySelector("#session-lost") !== null;
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const answered = (event as CustomEvent<Answered>).detail;
  if (answered.xhr.getResponseHeader("HX-Redirect") && keepsPhotos()) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent(LOST));
  } else if (isStale(answered.xhr) && !again.has(answered.elt)) {
    event.preventDefault();
    again.add(answered.elt);
    void recover(answered).finally(() => again.delete(answered.elt));
  }
});

export function isStale(request: XMLHttpRequest): boolean {
  return request.status === 403 && request.responseText.includes('data-code="csrf"');
}

async function recover({ elt, requestConfig }: Answered): Promise<void> {
  const now = await lookAgain();
  if (now === "same") {
    const trigger = requestConfig.triggeringEvent?.type ?? (elt.matches("form") ? "submit" : "click");
    htmx.trigger(elt, trigger);
    await new Promise((done) => elt.addEventListener("htmx:afterRequest", done, { once: true }));
  } else if (now === "nobody" && keepsPhotos()) {
    document.dispatchEvent(new CustomEvent(LOST));
  } else {
    tell(now === "other" ? `${nameNow()} is signed in now.` : "You have been signed out.");
  }
}

function tell(what: string): void {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset["tone"] = "warn";
  const words = document.createElement("div");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Reload the page";
  words.append(`${what} Nothing was changed. `, link, " to go on.");
  notice.append(words);
  document.querySelector("#messages")?.replaceChildren(notice);
}
