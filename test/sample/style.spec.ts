import { describe, expect, it } from '@jest/globals';
import { readProjectFile } from '../repository/project.js';

const [light = '', dark = ''] = Array.from(
  readProjectFile('sample/assets/style.css').matchAll(/:root \{([^}]+)\}/g),
  ([, block = '']) => block,
);

/** The colours of a block of the stylesheet, by name. */
function colorsOf(block: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from(block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g), ([, name = '', color = '']) => [
      name,
      color,
    ]),
  );
}

/** As WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [one, other].map(luminance).toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => Number.parseInt(color.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each([
  ['light', colorsOf(light)],
  ['dark', colorsOf(dark)],
])('the %s colours of the sample', (_scheme, colors) => {
  it.each([
    ['ink', 'page'],
    ['ink', 'surface'],
    ['ink', 'soft'],
    ['muted', 'page'],
    ['muted', 'surface'],
    ['muted', 'soft'],
    ['accent', 'page'],
    ['accent', 'surface'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['good', 'good-soft'],
    ['good', 'page'],
    ['warn', 'warn-soft'],
    ['bad', 'bad-soft'],
    ['bad', 'page'],
  ])('have the contrast that text needs: %s on %s', (text, ground) => {
    const [one, other] = [colors.get(text), colors.get(ground)];
    if (!one || !other) throw new Error('The stylesheet does not have both colours.');
    expect(contrast(one, other)).toBeGreaterThanOrEqual(4.5);
  });
});
