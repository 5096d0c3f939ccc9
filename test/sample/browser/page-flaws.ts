import type { Page } from 'playwright-core';

/**
 * What a person would find hard to read or to use on a page as it is shown now: text of too little
 * contrast (WCAG 2, AA), what stands out of the screen, a button whose words do not fit into a line,
 * a field without a label, a missing or second heading.
 */
export function flawsOf(page: Page): Promise<string[]> {
  return page.evaluate(`(${findFlaws})()`);
}

/** What gets the focus by the tabulator and does not show it. */
export async function unseenFocus(page: Page): Promise<string[]> {
  const unseen: string[] = [];
  for (let count = 0; count < 100; count++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate<string>(`(${describeFocus})()`);
    if (focus === 'none') break;
    if (focus !== 'seen') unseen.push(focus);
  }
  return unseen;
}

const describeFocus = `() => {
  const { activeElement: element, body } = document;
  if (element === body) return 'none';
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width * height > 100;
  return isSeen ? 'seen' : element.outerHTML.slice(0, 100);
}`;

const findFlaws = `() => {
  const flaws = [];
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const flaw = (what, element) => flaws.push(what + ': ' + element.outerHTML.slice(0, 100));

  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = numbers(color).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    const isSolid = (numbers(backgroundColor)[3] ?? 1) === 1;
    return isSolid || !element.parentElement ? backgroundColor : groundOf(element.parentElement);
  };
  const isHidden = (element) => element.closest('.visually-hidden, .skip, :disabled, svg, script, style');
  const isShown = (element) => element.checkVisibility() && !isHidden(element);

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || !isShown(element)) continue;
    const [a, b] = [getComputedStyle(element).color, groundOf(element)].map(luminance);
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) flaw('contrast ' + contrast.toFixed(2), element);

    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = Array.from(range.getClientRects()).filter(({ width }) => width > 0);
    const right = document.documentElement.clientWidth;
    if (rects.some((rect) => rect.left < 0 || rect.right > right)) flaw('out of the screen', element);
    const isButton = element.closest('button, .button, .nav a');
    if (isButton && new Set(rects.map(({ top }) => top)).size > 1) flaw('broken words', element);
  }

  for (const field of all('input:not([type=hidden]), select, textarea')) {
    if (field.labels.length === 0) flaw('no label', field);
  }
  for (const button of all('button, a')) {
    const name = button.getAttribute('aria-label') ?? button.textContent;
    if (name.trim() === '') flaw('no name', button);
  }
  const ids = all('[id]').map(({ id }) => id);
  if (new Set(ids).size < ids.length) flaws.push('an id that is there twice');
  for (const part of ['h1', 'main']) {
    if (all(part).length !== 1) flaws.push(all(part).length + ' of ' + part);
  }
  if (document.documentElement.lang !== 'en') flaws.push('no language');
  if (document.title.trim() === '') flaws.push('no title');
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) flaws.push('scrolls sideways');
  return flaws;
}`;
