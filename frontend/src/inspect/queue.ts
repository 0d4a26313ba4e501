// Sends photos in small requests, one request at a time, so that the first verdicts come while the
// rest is still on its way and a lost connection costs little.
import { Row } from "./rows";
import type { Section } from "./section";

const MOST_FILES = 8;
const MOST_BYTES = 20_000_000;
const SIGNED_OUT = "You have been signed out. Sign in in another tab, then send it again.";
const NO_ANSWER = "It did not get through: there is no connection to Inspector.";

export class Queue {
  private readonly waiting: Row[] = [];
  private busy = false;

  constructor(
    private readonly address: string,
    private readonly token: () => string,
  ) {
    addEventListener("beforeunload", (event) => {
      if (this.unsent()) event.preventDefault();
    });
    addEventListener("online", () => this.sendAgain());
  }

  add(rows: Row[]): void {
    this.waiting.push(...rows);
    void this.work();
  }

  private unsent(): boolean {
    return this.busy || document.querySelector('[data-rows] > [data-state="unsent"]') !== null;
  }

  private sendAgain(): void {
    for (const button of document.querySelectorAll<HTMLElement>('[data-state="unsent"] [data-again]')) button.click();
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let rows = this.next(); rows.length; rows = this.next()) await this.send(rows);
    this.busy = false;
  }

  /** The rows of the next request: all of one section, as many as are small enough together. */
  private next(): Row[] {
    const first = this.waiting[0];
    if (!first) return [];
    let bytes = 0;
    const end = this.waiting.findIndex((row, n) => {
      bytes += row.file.size;
      return n > 0 && (n === MOST_FILES || bytes > MOST_BYTES || row.section !== first.section);
    });
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  private async send(rows: Row[]): Promise<void> {
    const section = (rows[0] as Row).section;
    try {
      section.taken(rows, await this.post(rows, section));
    } catch (problem) {
      for (const row of rows) row.failed((problem as Error).message, () => this.add([row]));
    }
  }

  private post(rows: Row[], section: Section): Promise<string> {
    const body = new FormData();
    body.append("category", section.category);
    if (section.batch) body.append("batch", section.batch);
    for (const row of rows) body.append("images", row.file, row.file.name);
    // fetch() cannot tell how much of a request is sent.
    const request = new XMLHttpRequest();
    request.open("POST", this.address);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", this.token());
    request.upload.addEventListener("progress", (event) => shareProgress(rows, event.loaded));
    return new Promise((done, fail) => {
      request.addEventListener("error", () => fail(new Error(NO_ANSWER)));
      request.addEventListener("abort", () => fail(new Error(NO_ANSWER)));
      request.addEventListener("load", () => {
        const problem = problemOf(request);
        if (problem) fail(new Error(problem));
        else done(request.responseText);
      });
      request.send(body);
    });
  }
}

/** The bytes of a request go out in the order of its files. */
function shareProgress(rows: Row[], sent: number): void {
  for (const row of rows) {
    row.progress(row.file.size ? Math.min(1, Math.max(0, sent / row.file.size)) : 1);
    sent -= row.file.size;
  }
}

function problemOf(request: XMLHttpRequest): string | null {
  if (request.getResponseHeader("HX-Redirect")) return SIGNED_OUT;
  if (request.status >= 200 && request.status < 300) return null;
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const told = page.querySelector("[data-problem] p, [data-problem]")?.textContent?.replace(/\s+/g, " ").trim();
  return told || `Inspector answered with error ${request.status}. Try again; tell an admin if it goes on.`;
}
