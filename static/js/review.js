// Review by keyboard alone. A key presses the control that names it; it opens a form where the control is a summary.
// It is loaded before the page's controls, so that no key is lost.
(() => {
  const ALSO = { ArrowRight: "j", ArrowLeft: "k" };
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
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const control = document.querySelector(`[data-key="${CSS.escape(ALSO[event.key] ?? event.key)}"]`);
    if (!control) return;
    event.preventDefault();
    press(control);
  });
})();
