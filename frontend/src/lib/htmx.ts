import htmx from "htmx.org";

import { morph } from "./morph";

// `hx-swap="morph"`: polling keeps the focus, the scroll position and open menus where they are.
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph" || style === "morph:outerHTML",
  handleSwap: (style, target, fragment) => {
    if (style !== "morph" && !style.startsWith("morph:")) return false;
    const how = style === "morph:innerHTML" ? "innerHTML" : "outerHTML";
    return morph(target, (fragment as DocumentFragment).children, how);
  },
} as Parameters<typeof htmx.defineExtension>[1]);

// A request that got no answer: say so once, and take it back when an answer comes.
const offline = document.querySelector<HTMLElement>("#offline");
document.addEventListener("htmx:sendError", () => offline?.removeAttribute("hidden"));
document.addEventListener("htmx:beforeOnLoad", () => offline?.setAttribute("hidden", ""));

// What went wrong with a request is taken back when the same request works again: a page that polls goes on.
const problems = new Map<string, Element | null>();
document.addEventListener("htmx:afterOnLoad", (event) => {
  const { xhr, requestConfig, pathInfo } = (event as CustomEvent<Loaded>).detail;
  const request = `${requestConfig.verb} ${pathInfo.requestPath}`;
  if (xhr.status >= 400) {
    problems.set(request, document.querySelector("#messages [data-problem]"));
  } else {
    problems.get(request)?.remove();
    problems.delete(request);
  }
});

interface Loaded {
  xhr: XMLHttpRequest;
  requestConfig: { verb: string };
  pathInfo: { requestPath: string };
}

// Filters that are empty do not belong into the address.
document.addEventListener("htmx:configRequest", (event) => {
  const { verb, formData } = (event as CustomEvent<{ verb: string; formData: FormData }>).detail;
  if (verb !== "get") return;
  for (const [name, value] of [...formData.entries()]) if (value === "") formData.delete(name);
});
