// Small manners of every page: questions before what cannot be undone, text put where the cursor is.
document.addEventListener("submit", (submit) => {
  const question = submit.target.dataset.confirm;
  if (question && !confirm(question)) submit.preventDefault();
});

document.addEventListener("click", (click) => {
  const button = click.target.closest("[data-insert]");
  if (!button) return;
  const editor = document.getElementById(button.dataset.into);
  editor.setRangeText(button.dataset.insert, editor.selectionStart, editor.selectionEnd, "end");
  editor.focus();
  editor.dispatchEvent(new Event("input", { bubbles: true }));
});
