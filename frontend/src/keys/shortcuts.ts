// Any link, button or field with data-key="j" is pressed by that key; data-key-label says what for in the
// list that "?" opens. data-end says what is told where there is nothing more to press. data-go="h" is for
// links that "g h" follows, data-number-keys for a choice that 1 to 9 choose from.
import { keyed, keysOf, numbered } from "./list";
import * as pages from "./pages";
import * as rows from "./rows";
import { isFree, nameOf } from "./taken";
import { tell } from "./tell";

function press(element: HTMLElement): void {
  if (element.dataset["end"]) return tell(element.dataset["end"]);
  const fold = element.closest("details");
  if (fold && !element.matches("summary")) fold.open = true;
  if (element.matches('[type="radio"], [type="search"]')) element.focus();
  element.click();
}

function handle(key: string): boolean {
  const pressed = keyed().find((element) => keysOf(element).includes(key));
  if (pressed) press(pressed);
  else if (key === pages.PREFIX) pages.wait();
  else if ((key === "j" || key === "k") && rows.areThere()) rows.step(key === "j" ? 1 : -1);
  else return chooseByNumber(key);
  return true;
}

/** 1 is the first thing to choose from; 0 is what stands above it, such as "All categories". */
function chooseByNumber(key: string): boolean {
  const choice = numbered();
  if (!/^\d$/.test(key) || !choice?.options[Number(key)]) return false;
  choice.selectedIndex = Number(key);
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!isFree(event) || ["Shift", "CapsLock"].includes(event.key)) return;
  const key = nameOf(event);
  if (pages.isWaiting()) pages.go(key);
  else if (!handle(key)) return;
  event.preventDefault();
});
