// The session ended while photos are on the page: they stay, somebody signs in right here, and sending
// goes on by itself. If it is another person who has signed in, nothing is sent before that was said.
import { becomeOther, lookAgain, nameNow, signIn } from "../lib/session";
import { LOST } from "../lib/stale";

const LOOK_EVERY = 10_000;

export interface Keeper {
  /** Photos that wait to be sent. */
  kept(): number;
  /** The same person is back: send what was kept. */
  goOn(): void;
  /** Another person takes over: what was kept becomes photos of that person, in new batches. */
  handOver(): void;
}

export class Guard {
  private readonly notice = document.querySelector("#session-lost") as HTMLElement;
  private readonly dialog = document.querySelector("#sign-in-again") as HTMLDialogElement;
  private readonly form = this.dialog.querySelector("form") as HTMLFormElement;
  private lost = false;

  constructor(private readonly keeper: Keeper) {
    document.addEventListener(LOST, () => this.sessionLost());
    // Polling a session that is over only keeps the server busy.
    document.addEventListener("htmx:beforeRequest", (event) => this.lost && event.preventDefault());
    this.notice.addEventListener("click", (event) => this.press(event.target as Element));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.signIn();
    });
    this.dialog.querySelector("[data-close]")?.addEventListener("click", () => this.dialog.close());
    addEventListener("focus", () => void this.look());
    document.addEventListener("visibilitychange", () => document.hidden || void this.look());
    setInterval(() => document.hidden || void this.look(), LOOK_EVERY);
  }

  /** Told by a request that was refused. */
  sessionLost(): void {
    if (this.lost) return;
    this.lost = true;
    void this.look(true);
  }

  private async look(ask = false): Promise<void> {
    if (!this.lost) return;
    const now = await lookAgain();
    if (!this.lost || now === "unreachable") return;
    if (now === "same") this.found(() => this.keeper.goOn());
    else this.show(now);
    if (ask && now === "nobody" && this.keeper.kept()) this.open();
  }

  private show(now: "nobody" | "other"): void {
    for (const one of this.notice.querySelectorAll<HTMLElement>("[data-case]")) {
      one.hidden = one.dataset["case"] !== now;
    }
    for (const slot of this.notice.querySelectorAll("[data-other]")) slot.textContent = nameNow();
    const kept = this.keeper.kept();
    for (const slot of this.parts("[data-kept]")) slot.textContent = told(kept, now);
    if (now === "other" && this.dialog.open) this.dialog.close();
  }

  private parts(selector: string): Element[] {
    return [...this.notice.querySelectorAll(selector), ...this.dialog.querySelectorAll(selector)];
  }

  private press(target: Element): void {
    if (target.closest("[data-sign-in]")) this.open();
    if (target.closest("[data-send-as]")) this.becomeOther();
  }

  private becomeOther(): void {
    this.lost = false; // or the page could not ask for anything
    void becomeOther();
    this.found(() => this.keeper.handOver());
  }

  private open(): void {
    if (this.dialog.open) return;
    this.refused("");
    this.dialog.showModal();
    const name = this.form.elements.namedItem("username") as HTMLInputElement;
    const password = this.form.elements.namedItem("password") as HTMLInputElement;
    (name.value ? password : name).focus();
  }

  private async signIn(): Promise<void> {
    const button = this.form.querySelector("[type=submit]") as HTMLButtonElement;
    button.disabled = true;
    const problem = await signIn(this.form);
    button.disabled = false;
    if (problem) {
      this.refused(problem);
      (this.form.elements.namedItem("password") as HTMLInputElement).select();
      return;
    }
    (this.form.elements.namedItem("password") as HTMLInputElement).value = "";
    this.dialog.close();
    await this.look();
  }

  private refused(problem: string): void {
    const told = this.dialog.querySelector("[data-refused]") as HTMLElement;
    told.hidden = !problem;
    (told.querySelector("[data-words]") as HTMLElement).textContent = problem;
  }

  private found(then: () => void): void {
    this.lost = false;
    for (const one of this.notice.querySelectorAll<HTMLElement>("[data-case]")) one.hidden = true;
    if (this.dialog.open) this.dialog.close();
    then();
  }
}

function told(kept: number, now: "nobody" | "other"): string {
  if (!kept) return now === "nobody" ? "Sign in to continue; nothing is lost." : "";
  const photos = kept === 1 ? "1 photo is" : `${kept} photos are`;
  if (now === "nobody") return `${photos} kept here and will be sent as soon as you sign in.`;
  return `${photos} kept here and would be sent in the name of ${nameNow()}, as a new batch.`;
}
