// The console's button that deletes a row asks first. It is no submit button: without this script nothing is deleted.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]");
  if (button && confirm(button.dataset.confirm)) button.form.requestSubmit();
});
