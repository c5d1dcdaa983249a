// Small manners of every page: questions before what cannot be undone, text put where the cursor is, fields on demand.
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

// A choice that needs more said brings its fields along; without this script the server asks for them.
document.addEventListener("change", (change) => {
  const choice = change.target.closest("[data-reveals]");
  if (choice) document.getElementById(choice.dataset.reveals).hidden = choice.value !== choice.dataset.revealsOn;
});

// A form whose answer takes its time says so, below its buttons.
document.addEventListener("submit", (submit) => {
  const words = submit.target.dataset.busy;
  if (!words || submit.defaultPrevented) return;
  const status = submit.target.querySelector("[role=status].busy") ?? document.createElement("p");
  status.className = "busy text-secondary mt-3 mb-0";
  status.setAttribute("role", "status");
  status.textContent = words;
  submit.target.append(status);
});
