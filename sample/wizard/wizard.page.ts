import { html, type Html } from '../html/html.js';
import { button, page } from '../html/page.js';

export interface Trip {
  destination: string;
  nights: number;
}

export function wizardPage(trip: Partial<Trip>): string {
  return page('Wizard', step(trip));
}

/** What is known says which step comes next, so that leaving and coming back goes on there. */
function step({ destination, nights }: Partial<Trip>): Html {
  if (destination === undefined) {
    return html`
      <p>Step 1 of 3</p>
      <form method="post" action="/wizard/destination">
        <label>Where to? <input name="destination" required maxlength="100" /></label>
        <button>Next</button>
      </form>
    `;
  }
  if (nights === undefined) {
    return html`
      <p>Step 2 of 3: to ${destination}</p>
      <form method="post" action="/wizard/nights">
        <label>How many nights? <input name="nights" type="number" min="1" required /></label>
        <button>Next</button>
      </form>
      ${button('/wizard/restart', 'Start again')}
    `;
  }
  return html`
    <p>Step 3 of 3: ${nights} nights in ${destination}. Have a good trip!</p>
    ${button('/wizard/restart', 'Start again')}
  `;
}
