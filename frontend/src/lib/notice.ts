// A message at the top of the page, as the server's messages are; also on the page that comes next.
type Tone = "good" | "warn" | "bad";
const KEY = "notice-for-next-page";
const ICONS: Record<Tone, string> = { good: "done", warn: "warning", bad: "warning" };

export function notice(tone: Tone, words: string): void {
  const element = document.createElement("div");
  element.className = "notice";
  element.dataset["tone"] = tone;
  const text = document.createElement("div");
  text.textContent = words;
  const icon = document.querySelector(".icon")?.cloneNode(true) as SVGElement | undefined;
  const use = icon?.querySelector("use");
  use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, `#${ICONS[tone]}`));
  icon?.removeAttribute("data-filled");
  element.append(...(icon ? [icon] : []), text);
  document.querySelector("#messages")?.append(element);
}

export function noticeOnNextPage(tone: Tone, words: string): void {
  sessionStorage.setItem(KEY, JSON.stringify([tone, words]));
}

const left = sessionStorage.getItem(KEY);
sessionStorage.removeItem(KEY);
if (left) notice(...(JSON.parse(left) as [Tone, string]));
