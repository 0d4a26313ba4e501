// A mark on its way to the server. Unlike a decision it is not sent again behind the page: the drawing stays open
// until it is there.
import { patience } from "../lib/patience";
import { lookAgain, token } from "../lib/session";

export interface Saved {
  /** The page's part that shows the mark; "" where it was not saved. */
  markup: string;
  wrong: string;
}

const AWAY = "There is no connection to Inspector. Your drawing is still here: try again in a moment.";

export async function save(address: string, form: FormData): Promise<Saved> {
  try {
    let response = await post(address, form);
    if (response.type === "opaqueredirect") {
      const now = await lookAgain();
      if (now !== "same") return refused("You are signed out. Sign in again in another tab, then save: your drawing is still here.");
      response = await post(address, form);
    }
    if (response.ok) return { markup: await response.text(), wrong: "" };
    return refused(await wordsOf(response));
  } catch {
    return refused(AWAY);
  }
}

function post(address: string, body: FormData): Promise<Response> {
  const headers = { "X-CSRFToken": token() };
  return fetch(address, { method: "POST", body, headers, redirect: "manual", signal: patience() });
}

async function wordsOf(response: Response): Promise<string> {
  const json = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  const body = json ? ((await response.json()) as { error?: { message?: string } }) : {};
  if (body.error?.message) return body.error.message;
  if (response.status === 403) await lookAgain(); // a stale token: the next try has a fresh one
  return `Inspector could not save the mark (${response.status}). Your drawing is still here: try again.`;
}

function refused(wrong: string): Saved {
  return { markup: "", wrong };
}
