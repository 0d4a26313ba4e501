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

interface Totals {
  added: number;
  duplicates: number;
  refused: number;
}

class Adding {
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
      this.tell(this.files.length);
      this.end("");
    } catch (problem) {
      this.end(this.controller.signal.aborted ? "Stopped." : (problem as Error).message);
    }
  }

  private begin(): void {
    this.form.querySelector<HTMLElement>("[data-adding]")!.hidden = false;
    this.refusals.replaceChildren();
    this.bar.max = this.files.length;
    this.setBusy(true);
    this.stop.onclick = () => this.controller.abort();
  }

  private async send(files: File[]): Promise<Answer> {
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
      throw new Error("The connection was lost. Press “Add them” again: photos that are there are left out.");
    });
    if (!response.headers.get("Content-Type")?.includes("application/json")) {
      throw new Error(`The server could not take them (${response.status}). Reload the page and try again.`);
    }
    const answer = (await response.json()) as Answer & { error?: { message: string } };
    if (answer.error) throw new Error(answer.error.message);
    return answer;
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
    this.told.textContent = `${sent} of ${this.files.length} sent. ${this.summary()}`;
  }

  private summary(): string {
    const parts = [`${this.totals.added} added`];
    if (this.totals.duplicates) parts.push(`${this.totals.duplicates} were there already`);
    if (this.totals.refused) parts.push(`${this.totals.refused} refused`);
    return `${parts.join(", ")}.`;
  }

  private end(problem: string): void {
    this.setBusy(false);
    if (problem) {
      this.told.textContent = `${problem} ${this.summary()}`;
    } else if (!this.totals.refused) {
      this.showThem();
    } else {
      this.told.append(" ", this.link());
    }
  }

  /** Everything is in: look at the photos where they are now. */
  private showThem(): void {
    location.assign(this.place());
  }

  private link(): HTMLAnchorElement {
    const link = document.createElement("a");
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

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.matches("[data-add-samples]")) return;
  const files = [...(form.querySelector<HTMLInputElement>("[name=images]")?.files ?? [])];
  if (!files.length) return; // the server says what is missing
  event.preventDefault();
  void new Adding(form, files).run();
});

export {};
