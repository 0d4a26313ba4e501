// A thumb across the photo: to the right and to the left, while the whole photo is shown.
const FAR = 80; // px
const STRAIGHT = 60;

export function onSwipe(within: HTMLElement, swiped: (way: "left" | "right") => void): void {
  let start: Touch | null = null;
  within.addEventListener(
    "touchstart",
    (event) => {
      const stage = (event.target as Element).closest("[data-stage]");
      const one = event.touches.length === 1 && stage && !stage.hasAttribute("data-zoomed");
      start = one ? event.touches[0]! : null;
    },
    { passive: true },
  );
  within.addEventListener("touchend", (event) => {
    const end = event.changedTouches[0];
    if (!start || !end) return;
    const x = end.clientX - start.clientX;
    const straight = Math.abs(end.clientY - start.clientY) < STRAIGHT;
    start = null;
    if (straight && Math.abs(x) > FAR) swiped(x > 0 ? "right" : "left");
  });
}
