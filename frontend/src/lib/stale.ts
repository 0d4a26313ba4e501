// An htmx request that is refused because the session is another than the page's: it is sent once more
// with a fresh token, or the page says what to do. A page with photos on it never goes to the sign-in page,
// and no other does that by itself (a bell that polls is enough) while it holds what somebody typed.
import htmx from "htmx.org";

import { lookAgain, nameNow } from "./session";
import { holdsUnsent } from "./unsent";

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
  const away = answered.xhr.getResponseHeader("HX-Redirect");
  if (away && keepsPhotos()) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent(LOST));
  } else if (away && holdsUnsent()) {
    event.preventDefault();
    tell("You have been signed out.");
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
  const kept = holdsUnsent();
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = kept ? "Sign in in another tab" : "Reload the page";
  if (kept) link.target = "_blank";
  const words = document.createElement("div");
  words.append(`${what} ${kept ? "What you did here is kept" : "Nothing was changed"}. `, link);
  words.append(kept ? ", then go on here." : " to go on.");
  const messages = document.querySelector("#messages");
  // Polls come again, and nobody wants to hear it each time.
  if (messages?.querySelector("[data-session-over]")?.textContent === words.textContent) return;
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset["tone"] = "warn";
  notice.dataset["sessionOver"] = "";
  notice.append(words);
  messages?.replaceChildren(notice);
}

// Whoever signed in in another tab comes back to this one.
addEventListener("focus", () => {
  const notice = document.querySelector("[data-session-over]");
  if (notice) void lookAgain().then((now) => now === "same" && notice.remove());
});
