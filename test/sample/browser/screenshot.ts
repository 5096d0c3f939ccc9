import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { projectRoot } from '../../repository/project.js';

const SIZES = {
  desktop: { width: 1080, height: 720 },
  phone: { width: 390, height: 780 },
} as const;

/**
 * A picture for README.md of what the browser shows, where one is asked for: `npm run screenshots`.
 *
 * @param name of the file in docs/images
 */
export async function screenshot(
  page: Page,
  name: string,
  size: keyof typeof SIZES,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  if (process.env['SCREENSHOTS'] === undefined) return;
  const before = page.viewportSize();
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(SIZES[size]);
  await page.screenshot({ path: join(projectRoot, 'docs/images', `${name}.png`) });
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}
