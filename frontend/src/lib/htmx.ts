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

// Filters that are empty do not belong into the address.
document.addEventListener("htmx:configRequest", (event) => {
  const { verb, formData } = (event as CustomEvent<{ verb: string; formData: FormData }>).detail;
  if (verb !== "get") return;
  for (const [name, value] of [...formData.entries()]) if (value === "") formData.delete(name);
});
