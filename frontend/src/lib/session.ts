// Who is signed in, and the token that goes with every change. Both may have become others since the
// page was loaded: the session ended, somebody signed in again in another tab. A page goes on by itself
// only while it is the same person.
import htmx from "htmx.org";

import { patience } from "./patience";

export type Now = "same" | "nobody" | "other" | "unreachable";

interface Session {
  person: string;
  name: string;
  token: string;
}

const page = document.body.dataset;
let found: Session = { person: page["person"] ?? "", name: page["personName"] ?? "", token: "" };

/** What goes with a request that changes something. */
export function token(): string {
  return (JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>)["X-CSRFToken"] ?? "";
}

/** The id of the person this page was made for. */
export function person(): string {
  return page["person"] ?? "";
}

/** Who is signed in as far as was last heard. */
export function nameNow(): string {
  return found.name;
}

/** Ask who is signed in; if it is still the same person, the page goes on with a fresh token. */
export async function lookAgain(): Promise<Now> {
  try {
    await ask();
  } catch {
    return "unreachable";
  }
  if (!found.person) return "nobody";
  if (found.person !== person()) return "other";
  renewToken(found.token);
  return "same";
}

/** From now on this page is the other person's. */
export async function becomeOther(): Promise<void> {
  page["person"] = found.person;
  page["personName"] = found.name;
  renewToken(found.token);
  if (!document.querySelector(".topbar")) return; // station mode
  await htmx.ajax("get", location.href, { target: ".topbar", select: ".topbar", swap: "outerHTML" });
}

/** Sign in with what was typed, at the real address. Returns what is wrong; "" when it worked. */
export async function signIn(form: HTMLFormElement): Promise<string> {
  try {
    await ask();
    // Who is signed in already is not asked for a password: somebody else has to go first.
    if (found.person) await post(form.dataset["signOut"] ?? "", new URLSearchParams());
    if (found.person) await ask();
    const fields = new FormData(form) as unknown as Iterable<[string, string]>;
    const answer = await post(form.action, new URLSearchParams([...fields]));
    if (answer.type === "opaqueredirect") return "";
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-errors] li");
    return told?.textContent?.replace(/\s+/g, " ").trim() || `Inspector answered with error ${answer.status}. Try again.`;
  } catch {
    return "There is no connection to Inspector. Try again in a moment.";
  }
}

async function ask(): Promise<void> {
  const answer = await fetch(page["session"] ?? "", { cache: "no-store", signal: patience() });
  found = (await answer.json()) as Session;
}

function post(address: string, body: URLSearchParams): Promise<Response> {
  const headers = { "X-CSRFToken": found.token };
  return fetch(address, { method: "POST", body, headers, redirect: "manual", signal: patience() });
}

function renewToken(fresh: string): void {
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
  for (const field of document.querySelectorAll<HTMLInputElement>("input[name=csrfmiddlewaretoken]")) {
    field.value = fresh;
  }
}

// Somebody who signs in again does so in another tab, so coming back to this one is when the token may be
// stale. Django's own cookie tells whether it is, without asking.
function cookie(): string {
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

let known = cookie();

function backHere(): void {
  if (!person() || cookie() === known) return;
  known = cookie();
  void lookAgain();
}

addEventListener("focus", backHere);
addEventListener("pageshow", backHere);
document.addEventListener("visibilitychange", () => document.hidden || backHere());
