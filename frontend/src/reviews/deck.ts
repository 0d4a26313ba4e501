// <review-deck>: one photo after another. The next ones are in the page already, so a key shows the next photo at
// once; the decision is sent behind it, and can be taken back step by step.
import { notice } from "../lib/notice";
import { patience } from "../lib/patience";
import { token } from "../lib/session";
import { uuid } from "../lib/uuid";
import { send, words } from "./send";
import { onSwipe } from "./swipe";

const AHEAD = 3; // with fewer left, more are asked for
const LENT = 8;
const RENEWED = 60_000; // photos are lent for two minutes

interface Decided {
  card: HTMLElement;
  /** The id of the review; null where it was refused. */
  review: Promise<number | null>;
}

class ReviewDeck extends HTMLElement {
  private readonly decided: Decided[] = [];
  private readonly seconds: number[] = [];
  private since = performance.now();
  /** One after another, however fast the key is pressed. */
  private undoing = Promise.resolve();
  private asking = false;
  /** Whether somebody wanted more while it was being asked for. */
  private again = false;

  connectedCallback(): void {
    this.addEventListener("submit", (event) => this.submitted(event));
    this.addEventListener("click", (event) => this.stepped(event.target as Element));
    onSwipe(this, (way) => this.press(way === "right" ? "good" : "defective"));
    setInterval(() => void (document.hidden || this.more()), RENEWED);
    // Nothing was renewed while the page was hidden: another person may have got what it shows.
    document.addEventListener("visibilitychange", () => void (document.hidden || this.more()));
    this.show(this.open()[0]);
  }

  private open(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-card]:not([data-decided])")];
  }

  private get shown(): HTMLElement | undefined {
    return this.open().find((card) => !card.hidden);
  }

  private show(card: HTMLElement | undefined): void {
    for (const other of this.querySelectorAll<HTMLElement>("[data-card]")) other.hidden = other !== card;
    this.querySelector<HTMLElement>("[data-done]")!.hidden = card !== undefined;
    this.since = performance.now();
    if (!card) return;
    card.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
    for (const image of card.querySelectorAll<HTMLImageElement>("img")) image.loading = "eager";
  }

  private press(decision: string): void {
    this.shown?.querySelector<HTMLElement>(`[name=decision][value=${decision}]`)?.click();
  }

  private stepped(target: Element): void {
    const way = target.closest<HTMLElement>("[data-step]")?.dataset["step"];
    const cards = this.open();
    const at = cards.findIndex((card) => !card.hidden);
    if (way && cards[at + Number(way)]) this.show(cards[at + Number(way)]);
  }

  private submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (form.matches("[data-decide]")) this.decide(form, event.submitter);
    else if (form.matches("[data-undo]") && this.decided.length) this.undoing = this.undoing.then(() => this.undo());
    else return; // what was decided before this page was opened is taken back by the server
    event.preventDefault();
  }

  private decide(form: HTMLFormElement, submitter: HTMLElement | null): void {
    const card = form.closest<HTMLElement>("[data-card]")!;
    const seconds = (performance.now() - this.since) / 1000;
    const body = new URLSearchParams([...new FormData(form, submitter)] as [string, string][]);
    body.set("operation", uuid());
    body.set("seconds", seconds.toFixed(2));
    const cards = this.open();
    const at = cards.indexOf(card);
    card.dataset["decided"] = "";
    this.show(cards[at + 1] ?? cards[at - 1]);
    this.tell(`${card.dataset["name"]}: ${submitter?.firstChild ? labelOf(submitter) : "decided"}.`);
    this.seconds.push(seconds);
    this.decided.push({ card, review: this.sent(card, form.action, body) });
    this.count(-1);
    if (this.open().length <= AHEAD) void this.more();
  }

  private async sent(card: HTMLElement, address: string, body: URLSearchParams): Promise<number | null> {
    const answer = await send(address, body);
    if (answer.ok) {
      this.put("mine", Number(answer.body["mine"]));
      return Number(answer.body["review"]);
    }
    // Somebody else decided meanwhile, or it is not in order: it is told, and not shown again.
    notice("warn", words(answer));
    if (this.told.startsWith(`${card.dataset["name"]}: `)) this.tell("");
    this.decided.splice(0, this.decided.length, ...this.decided.filter((one) => one.card !== card));
    card.remove();
    this.count();
    void this.more();
    return null;
  }

  private async undo(): Promise<void> {
    const last = this.decided.at(-1);
    const review = await last?.review;
    if (!last || typeof review !== "number") return;
    const address = this.dataset["withdraw"]!.replace("/0/", `/${review}/`);
    const answer = await send(address, new URLSearchParams());
    // Until now it is among what was decided: cards that were asked for meanwhile do not replace it.
    this.decided.splice(this.decided.indexOf(last), 1);
    if (!answer.ok) return notice("warn", words(answer));
    this.put("mine", Number(answer.body["mine"]));
    delete last.card.dataset["decided"];
    this.show(last.card);
    this.tell(`${last.card.dataset["name"]}: the decision was withdrawn.`);
    this.count(1);
  }

  /** Ask for the photos that this person has in hand; those that are not here yet come at the end. */
  private async more(): Promise<void> {
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    try {
      await Promise.all(this.decided.slice(-LENT).map((one) => one.review));
      const body = new URLSearchParams({ category: this.dataset["category"]!, sort: this.dataset["sort"]! });
      const asked = this.open();
      for (const card of asked) body.append("shown", card.dataset["inspection"]!);
      const headers = { "X-CSRFToken": token() };
      const asking = { method: "POST", body, headers, redirect: "manual", signal: patience() } as const;
      const response = await fetch(this.dataset["more"]!, asking);
      if (response.ok) this.take(await response.text(), asked);
    } catch {
      // No connection: the cards that are here go on, and the next decision asks again.
    } finally {
      this.asking = false;
    }
    if (this.again) await this.more();
  }

  /** Cards that were asked about and that this person has in hand no more. */
  private drop(asked: HTMLElement[], mine: Set<string | undefined>): void {
    for (const card of asked) {
      if (card.dataset["decided"] !== undefined || mine.has(card.dataset["inspection"])) continue;
      const cards = this.open();
      const at = cards.indexOf(card);
      if (!card.hidden) {
        notice("warn", `${card.dataset["name"]} was decided in another tab, or another person has it now.`);
        this.show(cards[at + 1] ?? cards[at - 1]);
      }
      card.remove();
    }
  }

  private take(markup: string, asked: HTMLElement[]): void {
    const fresh = new DOMParser().parseFromString(markup, "text/html");
    // What was decided a moment ago may be sent once more: the server did not know of it yet.
    const here = [...this.open(), ...this.decided.map((one) => one.card)];
    const known = new Set(here.map((card) => card.dataset["inspection"]));
    const counts = fresh.querySelector<HTMLElement>("[data-counts]");
    if (counts) {
      const sent = [...fresh.querySelectorAll<HTMLElement>("[data-card]")].map((card) => card.dataset["inspection"]);
      this.drop(asked, new Set([...sent, ...counts.dataset["kept"]!.split(" ")]));
      this.put("left", Number(counts.dataset["left"]));
      this.put("others", Number(counts.dataset["others"]));
      document.querySelector<HTMLElement>("[data-second]")!.hidden = counts.dataset["others"] === "0";
    }
    const nothing = !this.shown;
    for (const card of fresh.querySelectorAll<HTMLElement>("[data-card]")) {
      if (known.has(card.dataset["inspection"])) continue;
      this.querySelector(`[data-card][data-inspection="${card.dataset["inspection"]}"]`)?.remove();
      card.hidden = true;
      this.querySelector("[data-cards]")!.append(document.adoptNode(card));
    }
    if (nothing) this.show(this.open()[0]);
    this.count();
  }

  private count(more = 0): void {
    this.put("left", this.left + more);
    const undo = this.querySelector<HTMLButtonElement>("[data-undo] button")!;
    undo.disabled = !this.decided.length;
    this.querySelector<HTMLElement>("[data-steps]")!.hidden = this.open().length < 2;
    const pace = document.querySelector<HTMLElement>("[data-pace]")!;
    pace.hidden = !this.seconds.length;
    const mean = this.seconds.reduce((sum, one) => sum + one, 0) / Math.max(1, this.seconds.length);
    pace.querySelector("dd")!.textContent = mean.toFixed(1);
  }

  private get left(): number {
    return Number(document.querySelector("[data-progress] [data-left]")?.textContent?.replaceAll(",", ""));
  }

  private put(name: string, value: number): void {
    const cell = document.querySelector<HTMLElement>(`[data-progress] [data-${name}]`);
    if (cell && Number.isFinite(value)) cell.textContent = value.toLocaleString("en");
  }

  private get told(): string {
    return this.querySelector("[data-told]")!.textContent!;
  }

  private tell(text: string): void {
    this.querySelector("[data-told]")!.textContent = text;
  }
}

/** The words of a button without the key beside them. */
function labelOf(button: HTMLElement): string {
  const copy = button.cloneNode(true) as HTMLElement;
  for (const key of copy.querySelectorAll("kbd")) key.remove();
  return copy.textContent?.trim() ?? "";
}

customElements.define("review-deck", ReviewDeck);
