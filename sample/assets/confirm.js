// Asks before what cannot be undone. Without JavaScript the form is sent at once.
document.addEventListener('submit', (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question !== undefined && !confirm(question)) event.preventDefault();
});
