// A dialog that asks before the ticked of its form are removed says how many they are.
function tell(dialog: HTMLElement): void {
  const count = dialog.closest("form")?.querySelectorAll('input[type="checkbox"]:checked').length ?? 0;
  const words = dialog.querySelector<HTMLElement>("[data-ticked]");
  if (words) words.textContent = count === 0 ? "nothing: no sample is selected" : count === 1 ? "1 sample" : `${count} samples`;
  const submit = dialog.querySelector<HTMLButtonElement>('button[type="submit"]');
  if (submit) submit.disabled = count === 0;
}

document.addEventListener(
  "beforetoggle",
  (event) => {
    const dialog = event.target as HTMLElement;
    if (dialog.matches("[data-counts-ticked]")) tell(dialog);
  },
  true,
);
