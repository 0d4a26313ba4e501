// A form is sent once: a second click while the server is slow would do the same again, and what is then shown
// is the refusal of the second (“a training is open”) and not what the first one did.
const PATIENCE = 10_000; // ms, after which nobody knows what became of it

const sent = new Set<HTMLFormElement>();

// Forms that scripts send themselves are theirs; one whose answer is a file to save leaves its page open.
addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const posts = form.getAttribute("method")?.toLowerCase() === "post";
  if (event.defaultPrevented || !posts || form.matches("[target], [data-again]")) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  setTimeout(() => sent.delete(form), PATIENCE);
});

// Back on a page that the browser has kept.
addEventListener("pageshow", () => sent.clear());
