import { type Html, html, type Part } from './html.js';

/** Two short columns, or more than a narrow screen has room for: there each row becomes a list. */
export type TableShape = 'pairs' | 'wide';

/**
 * A table of what is in the rows, cell by cell.
 *
 * @param heads the names of the columns, which each cell bears too
 */
export function table(
  shape: TableShape,
  heads: readonly string[],
  rows: readonly (readonly Part[])[],
): Html {
  if (rows.length === 0) return html`<p class="soft">Nothing yet.</p>`;
  return html`<table class="${shape}">
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((cells) => tableRow(heads, cells))}
    </tbody>
  </table>`;
}

/** With no space around what is in a cell, so that the style sees which are empty. */
function tableRow(heads: readonly string[], cells: readonly Part[]): Html {
  return html`<tr>
    ${cells.map((cell, index) => html`<td data-head="${heads[index]}"><div>${cell}</div></td>`)}
  </tr>`;
}
