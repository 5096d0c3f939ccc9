import { access } from 'node:fs/promises';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Debian's Chromium with a profile of its own, which takes any certificate and looks up no host: it
 * knows by itself that `*.localhost` is this machine.
 *
 * @param profile a new folder
 * @throws Error when Chromium is not installed
 */
export async function startChromium(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    ...(await launchOptions()),
    ignoreHTTPSErrors: true,
  });
}

/**
 * The same for several visitors, each of whom has a context of their own.
 *
 * @throws Error when Chromium is not installed
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch(await launchOptions());
}

async function launchOptions(): Promise<LaunchOptions> {
  await access(EXECUTABLE).catch((cause: unknown) => {
    throw new Error(`There is no ${EXECUTABLE}. Install Debian's package chromium.`, { cause });
  });
  return { executablePath: EXECUTABLE, args: ARGUMENTS, headless: true };
}

/** Has a page post to its own site, as a script of the application would. */
export function post(page: Page, path: string): Promise<number> {
  return page.evaluate(async (address) => (await fetch(address, { method: 'POST' })).status, path);
}

/** The JSON that the browser gets at an address that it is sent to. */
export async function visit(page: Page, address: string): Promise<unknown> {
  const response = await page.goto(address);
  return response?.json();
}
