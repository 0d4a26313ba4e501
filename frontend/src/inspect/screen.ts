// A screen on a stand: it stays on, and shows nothing else if wanted.
export function keepAwake(): void {
  const ask = () => {
    if (!document.hidden) void navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  // The browser lets go of it each time the page is hidden.
  document.addEventListener("visibilitychange", ask);
  ask();
}

/** A button for full screen; it goes away where there is none, as on some phones. */
export function offerFullScreen(button: HTMLElement): void {
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => {
    void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  });
  document.addEventListener("fullscreenchange", () => {
    button.setAttribute("aria-pressed", String(document.fullscreenElement !== null));
  });
}
