import { Idiomorph } from "idiomorph";

// A thumbnail made in the browser stays until the server has its own: see inspect/rows.ts.
function keepsLocalPicture(old: Node, fresh: Node): boolean {
  return old instanceof Element && old.hasAttribute("data-local") && !(fresh as Element).querySelector("img");
}

/** Change `target` into `content` and keep every element that is in both. */
export function morph(target: Node, content: HTMLCollection | Node, how: "outerHTML" | "innerHTML"): Node[] {
  return Idiomorph.morph(target, content, {
    morphStyle: how,
    callbacks: {
      beforeNodeMorphed: (old, fresh) => !keepsLocalPicture(old, fresh),
      // What a person pressed stays pressed; the server does not know of it.
      beforeAttributeUpdated: (name) => name !== "aria-pressed",
    },
  });
}
