/** What README.md links and the package does not hold. */
const OUTSIDE = String.raw`(?:test|lib|sample|docs/images)/[^)"\s]*`;

const PICTURES = new RegExp(String.raw`^<(?:picture|img)[^]*?"${OUTSIDE}"[^]*?\n\n`, 'gm');
const LINK = String.raw`\[([^\]]*)\]\(${OUTSIDE}\)`;
const LINKS_IN_BRACKETS = new RegExp(String.raw` \(${LINK}(?:, ${LINK})*\)`, 'g');

/**
 * README.md as it is packed: without links and pictures that would lead nowhere there. A bracket
 * that holds nothing else is left out; any other such link is its text, as on the site.
 *
 * @param {string} readme
 * @returns {string}
 */
export function packedReadme(readme) {
  return readme
    .replace(PICTURES, '')
    .replace(LINKS_IN_BRACKETS, '')
    .replace(new RegExp(LINK, 'g'), '$1');
}

/**
 * The files that a page links, by markdown or HTML; no addresses, no headings.
 *
 * @param {string} page
 * @returns {string[]}
 */
export function linkedFiles(page) {
  const targets = page.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"\s]+)"/g);
  return Array.from(targets, ([, link, attribute]) => link ?? attribute ?? '')
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => target.replace(/#.*$/, ''));
}
