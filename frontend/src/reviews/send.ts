// A decision on its way: sent until it arrives, whatever happens to the network or the session meanwhile.
import { notice } from "../lib/notice";
import { patience } from "../lib/patience";
import { lookAgain, token } from "../lib/session";

const PAUSE = 2000;
const offline = document.querySelector<HTMLElement>("#offline");
let underway = 0;
let told = false;

export interface Answer {
  ok: boolean;
  body: Record<string, unknown>;
}

/** Never rejects: what the server will not do is an answer, too. */
export async function send(address: string, body: URLSearchParams): Promise<Answer> {
  underway += 1;
  try {
    for (;;) {
      const answer = await attempt(address, body);
      if (answer) return answer;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  } finally {
    underway -= 1;
  }
}

/** What is wrong, in the server's words. */
export function words(answer: Answer): string {
  return (answer.body["error"] as { message?: string } | undefined)?.message ?? "Inspector could not save that.";
}

async function attempt(address: string, body: URLSearchParams): Promise<Answer | null> {
  try {
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    const response = await fetch(address, { method: "POST", body, headers, redirect: "manual", signal: patience() });
    offline?.setAttribute("hidden", "");
    if (response.type === "opaqueredirect") return await signedOut();
    if (response.status >= 500) return null;
    const json = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
    if (!json && (await lookAgain()) === "same") return null; // a stale token; the next try has a fresh one
    return { ok: response.ok, body: json ? ((await response.json()) as Answer["body"]) : {} };
  } catch {
    offline?.removeAttribute("hidden");
    return null;
  }
}

/** The same person may sign in again in another tab: then it goes on. */
async function signedOut(): Promise<null> {
  if ((await lookAgain()) !== "same" && !told) {
    told = true;
    notice("warn", "You are signed out. Sign in again in another tab; your decisions are then sent.");
  }
  return null;
}

addEventListener("beforeunload", (event) => {
  if (underway) event.preventDefault();
});
