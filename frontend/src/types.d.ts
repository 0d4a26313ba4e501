// idiomorph ships no types; this is the part of it used here.
declare module "idiomorph" {
  interface MorphOptions {
    morphStyle: "outerHTML" | "innerHTML";
    callbacks?: {
      beforeNodeMorphed?: (old: Node, fresh: Node) => boolean;
      beforeAttributeUpdated?: (name: string, node: Element, change: "update" | "remove") => boolean;
    };
  }
  export const Idiomorph: {
    morph(target: Node, content: string | Node | HTMLCollection, options: MorphOptions): Node[];
  };
}
