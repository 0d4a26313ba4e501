import { complain } from "../lib/field-error";
import { noticeOnNextPage } from "../lib/notice";
import { lookAgain } from "../lib/session";
import { UNREADABLE, unreadable } from "../lib/unreadable";
import { uuid } from "../lib/uuid";

// Photos go to the server a few at a time: progress is seen, no request is too large, and what was
// added before a lost connection stays added. Without script the same form sends all of them at once.
const PER_REQUEST = 8;
const SHOWN_REFUSALS = 50;

interface Answer {
  added: number;
  duplicates: string[];
  rejected: { filename: string; message: string }[];
}

interface Problem {
  message: string;
  field: string | null;
}

interface Totals {
  added: number;
  duplicates: number;
  refused: number;
}

/** What is wrong with all of them; `field` is the name of what to change. */
class Refusal extends Error {
  constructor(
    message: string,
    readonly field: string | null,
  ) {
    super(message);
  }
}

export class Adding {
  private readonly bar: HTMLProgressElement;
  private readonly told: HTMLElement;
  private readonly refusals: HTMLElement;
  private readonly stop: HTMLButtonElement;
  private readonly totals: Totals = { added: 0, duplicates: 0, refused: 0 };
  private readonly controller = new AbortController();
  // The same in every request: the audit trail shows them as one.
  private readonly operation = uuid();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly files: File[],
  ) {
    this.bar = form.querySelector("progress")!;
    this.told = form.querySelector("[data-told]")!;
    this.refusals = form.querySelector("[data-refused]")!;
    this.stop = form.querySelector("[data-stop]")!;
  }

  async run(): Promise<void> {
    this.begin();
    try {
      for (let sent = 0; sent < this.files.length; sent += PER_REQUEST) {
        this.tell(sent);
        this.count(await this.send(this.files.slice(sent, sent + PER_REQUEST)));
      }
      this.end("");
    } catch (problem) {
      this.end(this.controller.signal.aborted ? "Stopped." : (problem as Error).message);
      if (problem instanceof Refusal && problem.field) this.complainOf(problem);
    }
  }

  private begin(): void {
    this.form.querySelector<HTMLElement>("[data-adding]")!.hidden = false;
    this.bar.hidden = false;
    this.refusals.replaceChildren();
    this.form.querySelector("[data-shown]")?.remove();
    this.bar.max = this.files.length;
    this.setBusy(true);
    this.stop.onclick = () => this.controller.abort();
  }

  private async send(files: File[], again = false): Promise<Answer> {
    const body = new FormData(this.form);
    body.delete("images");
    body.set("operation", this.operation);
    for (const file of files) body.append("images", file);
    const response = await fetch(this.form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      signal: this.controller.signal,
    }).catch((problem: Error) => {
      if (problem.name === "AbortError") throw problem;
      return null;
    });
    if (!response) return this.sendReadable(files);
    if (response.redirected) {
      throw new Error("You have been signed out. Sign in again in another tab, then press “Add them” again.");
    }
    // A new session began since the page was loaded.
    if (response.status === 403 && !again && (await lookAgain()) === "same") return this.send(files, true);
    if (!response.headers.get("Content-Type")?.includes("application/json")) {
      throw new Error(`The server could not accept them (${response.status}). Reload the page and try again.`);
    }
    const answer = (await response.json()) as Answer & { error?: Problem };
    if (answer.error) throw new Refusal(answer.error.message, answer.error.field);
    return answer;
  }

  /** No answer came: because of files that are gone, or of the connection. */
  private async sendReadable(files: File[]): Promise<Answer> {
    const gone = await unreadable(files);
    if (!gone.size) throw new Error("The connection was lost. Press “Add them” again: photos already added are skipped.");
    const left = files.filter((file) => !gone.has(file));
    const answer = left.length ? await this.send(left) : { added: 0, duplicates: [], rejected: [] };
    return { ...answer, rejected: [...answer.rejected, ...[...gone].map(({ name }) => ({ filename: name, message: UNREADABLE }))] };
  }

  private count(answer: Answer): void {
    this.totals.added += answer.added;
    this.totals.duplicates += answer.duplicates.length;
    for (const { filename, message } of answer.rejected) {
      this.totals.refused += 1;
      if (this.totals.refused > SHOWN_REFUSALS) continue;
      const line = document.createElement("li");
      line.textContent = `${filename}: ${message}`;
      this.refusals.append(line);
    }
  }

  private tell(sent: number): void {
    this.bar.value = sent;
    this.told.textContent = `${sent} of ${this.files.length} sent. ${this.summary()}.`;
  }

  /** As the server says it: inspector/samples/add_samples.py. */
  private summary(): string {
    const { added, duplicates, refused } = this.totals;
    const parts = [`${added} added`];
    if (duplicates) parts.push(`${duplicates} already there`);
    if (refused) parts.push(`${refused} refused`);
    return parts.join(", ");
  }

  private end(problem: string): void {
    this.setBusy(false);
    this.bar.hidden = true;
    if (!problem && !this.totals.refused) return this.showThem();
    if (!problem) this.forget();
    const nothing = Object.values(this.totals).every((count) => count === 0);
    this.told.textContent = nothing ? problem : `${problem} ${this.summary()}${problem ? "." : ":"}`.trim();
    if (this.totals.added || this.totals.duplicates) this.refusals.after(this.link());
  }

  /** What was sent is not to be sent again. */
  private forget(): void {
    const input = this.form.querySelector<HTMLInputElement>("[name=images]")!;
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private complainOf({ message, field }: Refusal): void {
    const place = this.form.querySelector<HTMLElement>(`[name="${field}"]`);
    if (!place) return;
    this.form.querySelector<HTMLElement>("[data-adding]")!.hidden = true;
    this.told.textContent = "";
    complain(place, message);
  }

  /** Everything is in: look at the photos where they are now. */
  private showThem(): void {
    noticeOnNextPage("good", `${this.summary()}.`);
    location.assign(this.place());
  }

  private link(): HTMLAnchorElement {
    const link = document.createElement("a");
    link.dataset["shown"] = "";
    link.href = this.place();
    link.textContent = "Show the samples";
    return link;
  }

  private place(): string {
    const data = new FormData(this.form);
    const query = new URLSearchParams({
      split: String(data.get("split") ?? ""),
      label: String(data.get("label") ?? "").trim(),
    });
    return `${location.pathname}?${query}`;
  }

  private setBusy(busy: boolean): void {
    this.stop.hidden = !busy;
    this.form.querySelector<HTMLButtonElement>("[type=submit]")!.disabled = busy;
  }
}
