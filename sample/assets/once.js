// Sends a form once where a second click means the same. Without JavaScript it is sent twice, and the
// server sees to it that nothing is done twice.
const LONGEST_WAIT = 10_000;
let sent = new WeakMap();

// The back button may bring a page as it was left.
window.addEventListener('pageshow', () => (sent = new WeakMap()));

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.once === undefined) return;
  const isUnderWay = event.timeStamp - sent.get(form) < LONGEST_WAIT;
  if (isUnderWay) event.preventDefault();
  else sent.set(form, event.timeStamp);
});
