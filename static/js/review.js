// Review by keyboard alone. A key presses the control that names it; it opens a form where the control is a summary.
// It is loaded before the page's controls, so that no key is lost.
(() => {
  const ALSO = { ArrowRight: "j", ArrowLeft: "k" };

  // A Latin layout says the letter itself, wherever it has it. Any other layout, such as the Russian one, is asked for
  // the place of the key: there the letter is that of the US layout.
  const nameOf = ({ key, code, shiftKey }) => {
    if (key === "?" || (code === "Slash" && shiftKey)) return "?";
    if (shiftKey) return null;
    if (/^[a-z]$/i.test(key)) return key.toLowerCase();
    return ALSO[key] ?? code.match(/^Key([A-Z])$/)?.[1].toLowerCase();
  };
  const isField = (element) => element.closest("input, textarea, select, [contenteditable]");

  const press = (control) => {
    const form = control.closest("details");
    if (control.tagName !== "SUMMARY") return control.click();
    form.open = !form.open;
    (form.open && form.querySelector("textarea, select, input:not([type=hidden])") || control).focus();
  };

  const inField = (event) => {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
  };

  document.addEventListener("keydown", (event) => {
    if (isField(event.target)) return inField(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    const name = nameOf(event);
    const control = name && document.querySelector(`[data-key="${name}"]`);
    if (!control) return;
    event.preventDefault();
    press(control);
  });
})();
