// "Find the category": which category each photo shows, asked by small copies. What is not clear, and what
// could not be asked, is for the person to say.
import { patience } from "../lib/patience";
import { lookAgain, token } from "../lib/session";
import { smallCopy, type SmallCopy } from "./small-copy";

const AT_ONCE = 20;
const AWAY = "The category could not be found: there is no connection.";
const SIGNED_OUT = "The category could not be found: you are signed out.";

export interface Sorted {
  /** By the slug of the category that they show. */
  clear: Map<string, File[]>;
  unclear: File[];
  /** Why those are not clear: what is true of several is said once. */
  why: Set<string>;
}

interface Copied {
  file: File;
  copy: SmallCopy;
}

export class Finder {
  /** Photos that are being looked at. */
  busy = 0;

  constructor(
    private readonly address: string,
    private readonly names: (slug: string) => string | undefined,
  ) {}

  /** Tells of some at a time, and first of none. */
  async sort(files: File[], tell: (sorted: Sorted) => void): Promise<void> {
    this.busy += files.length;
    tell(nothing());
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const [some, sorted] = [files.slice(at, at + AT_ONCE), nothing()];
      await this.look(some, sorted);
      this.busy -= some.length;
      tell(sorted);
    }
  }

  private async look(files: File[], sorted: Sorted): Promise<void> {
    const copied: Copied[] = [];
    for (const file of files) {
      const copy = await smallCopy(file);
      if (copy) copied.push({ file, copy });
      else unclear(sorted, file, `${file.name}: this browser cannot show it`);
    }
    if (!copied.length) return;
    const answer = await this.ask(copied.map(({ copy }) => copy));
    for (const [n, { file }] of copied.entries()) {
      if (typeof answer === "string") unclear(sorted, file, answer);
      else this.put(file, answer[n] ?? [], sorted);
    }
  }

  private put(file: File, slugs: string[], sorted: Sorted): void {
    const [slug, ...others] = slugs;
    const names = slugs.map((one) => this.names(one) ?? "a new category: reload the page");
    if (slug === undefined) unclear(sorted, file, `${file.name}: it fits no category`);
    else if (others.length || !this.names(slug)) unclear(sorted, file, `${file.name}: ${names.join(" or ")}`);
    else sorted.clear.set(slug, [...(sorted.clear.get(slug) ?? []), file]);
  }

  /** The categories of each; or in words why there is no answer. */
  private async ask(photos: SmallCopy[]): Promise<string[][] | string> {
    try {
      let response = await this.post(photos);
      if (response.status === 401 || response.status === 403) {
        if ((await lookAgain()) !== "same") return SIGNED_OUT;
        response = await this.post(photos);
      }
      const body = (await response.json()) as { photos: { categories: string[] }[]; error?: { message: string } };
      return response.ok ? body.photos.map(({ categories }) => categories) : (body.error?.message ?? AWAY);
    } catch {
      return AWAY;
    }
  }

  private post(photos: SmallCopy[]): Promise<Response> {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
    return fetch(this.address, { method: "POST", headers, body: JSON.stringify({ photos }), signal: patience() });
  }
}

function nothing(): Sorted {
  return { clear: new Map(), unclear: [], why: new Set() };
}

function unclear(sorted: Sorted, file: File, why: string): void {
  sorted.unclear.push(file);
  sorted.why.add(why);
}
