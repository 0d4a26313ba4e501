// Sends photos in small requests, one request at a time, so that the first verdicts come while the
// rest is still on its way and a lost connection costs little. When the session ended, photos wait.
import { lookAgain, person, token } from "../lib/session";
import { isStale } from "../lib/stale";
import { UNREADABLE, unreadable } from "../lib/unreadable";
import { uuid } from "../lib/uuid";
import { partNow } from "./part";
import { Row } from "./rows";
import type { Section } from "./section";

const MOST_FILES = 8;
const MOST_BYTES = 20_000_000;
// A request in which nothing has moved for so long is given up: on a line that went dead it would wait for
// ever, and all photos behind it. The server needs seconds, and a minute where its storage is slow.
const SILENT_MS = 120_000;
const BAD_PART = "bad_part"; // inspections/parts.py
const NO_ANSWER = "It was not sent: there is no connection to Inspector.";
const NOT_OURS = "It was not sent: something else answered in place of Inspector. Check the network, such as its sign-in page.";
const SILENT = "It was not sent: Inspector does not answer. Check the network, then send it again.";
const NO_COOKIES = "Inspector cannot recognise this browser: cookies are blocked. Allow them and reload the page.";

type Answer =
  | { kind: "taken"; rows: string }
  | { kind: "problem"; message: string; code?: string }
  | { kind: "silent" }
  | { kind: "stale" }
  | { kind: "lost" };

export class Queue {
  private waiting: Row[] = [];
  // Those that were refused or got no answer, until they are sent again.
  private failed = new Set<Row>();
  private busy = false;
  private held = false;
  // Went on after the session was lost, and nothing has got through since.
  private resumed = false;

  constructor(
    private readonly address: string,
    private readonly sessionLost: () => void,
  ) {
    addEventListener("online", () => this.sendAgain());
  }

  add(rows: Row[]): void {
    this.waiting.push(...rows);
    if (this.held) for (const row of rows) row.kept();
    void this.work();
  }

  get unsent(): boolean {
    return this.busy || this.waiting.length > 0 || this.failed.size > 0;
  }

  /** How many photos go out when somebody has signed in. */
  get kept(): number {
    return this.failed.size + (this.held ? this.waiting.length : 0);
  }

  /** The session is there again. */
  goOn(): void {
    this.held = false;
    this.resumed = true;
    for (const row of this.waiting) row.sending();
    this.sendAgain();
    void this.work();
  }

  /** Give up what was kept, in the order it came. */
  giveBack(): Row[] {
    const rows = [...this.failed, ...this.waiting];
    this.failed.clear();
    this.waiting = [];
    this.held = false;
    return rows;
  }

  private sendAgain(): void {
    for (const button of document.querySelectorAll<HTMLElement>('[data-state="unsent"] [data-again]')) button.click();
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (!this.held && this.waiting.length) await this.send(this.next());
    this.busy = false;
  }

  /** The rows of the next request: all of one section, as many as are small enough together. */
  private next(): Row[] {
    const first = this.waiting[0] as Row;
    if (first.key) return this.together(first.key);
    let bytes = 0;
    const end = this.waiting.findIndex((row, n) => {
      bytes += row.file.size;
      return n > 0 && (n === MOST_FILES || bytes > MOST_BYTES || row.section !== first.section || row.which !== first.which || row.key !== "");
    });
    const rows = this.waiting.splice(0, end < 0 ? this.waiting.length : end);
    const key = uuid();
    for (const row of rows) row.key = key;
    return rows;
  }

  /** What went out in one request goes out in one again. */
  private together(key: string): Row[] {
    const rows = this.waiting.filter((row) => row.key === key);
    this.waiting = this.waiting.filter((row) => row.key !== key);
    return rows;
  }

  private async send(rows: Row[]): Promise<void> {
    const section = (rows[0] as Row).section;
    let answer = await this.post(rows, section);
    // Under the same key nothing is taken twice, should it have arrived.
    if (answer.kind === "silent") answer = await this.post(rows, section);
    if (answer.kind === "stale") {
      // The same person signed in again elsewhere: nobody needs to be told.
      const now = await lookAgain();
      if (now === "same") answer = await this.post(rows, section, NO_COOKIES);
      if (now === "unreachable") answer = { kind: "problem", message: NO_ANSWER };
    }
    if (answer.kind === "silent") answer = { kind: "problem", message: SILENT };
    if (answer.kind === "problem" && answer.message === NO_ANSWER && (await this.withoutUnreadable(rows))) return;
    if (answer.kind === "taken") section.taken(rows, answer.rows);
    else if (answer.kind === "problem") this.fail(rows, answer.message, answer.code);
    else if (this.resumed) this.fail(rows, NO_COOKIES);
    else this.hold(rows);
    this.resumed = false;
  }

  /** Files that are gone would keep all of their request from being sent, however often. Whether there are
   *  any; the others wait again, for a request of their own. */
  private async withoutUnreadable(rows: Row[]): Promise<boolean> {
    const gone = await unreadable(rows.map(({ file }) => file));
    if (!gone.size) return false;
    for (const row of rows.filter(({ file }) => gone.has(file))) row.refused(UNREADABLE);
    const others = rows.filter(({ file }) => !gone.has(file));
    for (const row of others) row.key = "";
    this.waiting.unshift(...others);
    return true;
  }

  private fail(rows: Row[], message: string, code = ""): void {
    // All of a request or none: under its key the server knows all of them.
    const again = () => {
      if (!rows.every((row) => this.failed.delete(row))) return;
      // What the fields say by now is of another part, unless they were what was wrong.
      if (code === BAD_PART) for (const row of rows) row.which = partNow();
      for (const row of rows) row.sending();
      this.add(rows);
    };
    for (const row of rows) {
      this.failed.add(row);
      row.failed(message, again);
    }
  }

  private hold(rows: Row[]): void {
    this.held = true;
    this.waiting.unshift(...rows);
    for (const row of this.waiting) row.kept();
    this.sessionLost();
  }

  private post(rows: Row[], section: Section, ifStale = ""): Promise<Answer> {
    const body = new FormData();
    body.append("category", section.category);
    body.append("person", person());
    if (section.batch) body.append("batch", section.batch);
    for (const [name, value] of JSON.parse((rows[0] as Row).which) as [string, string][]) body.append(name, value);
    for (const row of rows) body.append("images", row.file, row.file.name);
    // fetch() cannot tell how much of a request is sent.
    const request = new XMLHttpRequest();
    request.open("POST", this.address);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("Idempotency-Key", (rows[0] as Row).key);
    request.upload.addEventListener("progress", (event) => shareProgress(rows, event.loaded));
    giveUpIfSilent(request);
    return new Promise((done) => {
      request.addEventListener("error", () => done({ kind: "problem", message: NO_ANSWER }));
      request.addEventListener("abort", () => done({ kind: "silent" }));
      request.addEventListener("load", () => done(answerOf(request, ifStale)));
      request.send(body);
    });
  }
}

function giveUpIfSilent(request: XMLHttpRequest): void {
  let silent = 0;
  const moved = () => {
    clearTimeout(silent);
    silent = window.setTimeout(() => request.abort(), SILENT_MS);
  };
  for (const side of [request, request.upload]) {
    side.addEventListener("loadstart", moved);
    side.addEventListener("progress", moved);
  }
  request.addEventListener("loadend", () => clearTimeout(silent));
}

/** The bytes of a request go out in the order of its files. */
function shareProgress(rows: Row[], sent: number): void {
  for (const row of rows) {
    row.progress(row.file.size ? Math.min(1, Math.max(0, sent / row.file.size)) : 1);
    sent -= row.file.size;
  }
}

function answerOf(request: XMLHttpRequest, ifStale: string): Answer {
  if (request.getResponseHeader("HX-Redirect") || request.status === 401) return { kind: "lost" };
  if (request.responseText.includes('data-code="other_person"')) return { kind: "lost" };
  if (isStale(request)) return ifStale ? { kind: "problem", message: ifStale } : { kind: "stale" };
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  if (request.status >= 200 && request.status < 300) {
    // Rows are given up only for the server's own.
    return page.querySelector(".row") ? { kind: "taken", rows: request.responseText } : { kind: "problem", message: NOT_OURS };
  }
  const code = page.querySelector<HTMLElement>("[data-problem]")?.dataset["code"];
  const told = page.querySelector("[data-problem] p, [data-problem]")?.textContent?.replace(/\s+/g, " ").trim();
  const unknown = `Inspector answered with error ${request.status}. Try again; tell an admin if it happens again.`;
  return { kind: "problem", message: told || unknown, ...(code && { code }) };
}
