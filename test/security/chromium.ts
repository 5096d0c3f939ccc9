import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';

const EXECUTABLES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
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
    ...launchOptions(),
    ignoreHTTPSErrors: true,
  });
}

/**
 * The same for several visitors, each of whom has a context of their own.
 *
 * @throws Error when Chromium is not installed
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch(launchOptions());
}

function launchOptions(): LaunchOptions {
  const executablePath = EXECUTABLES.find((program) => existsSync(program));
  if (executablePath !== undefined) return { executablePath, args: ARGUMENTS, headless: true };
  throw new Error(
    `There is no ${EXECUTABLES[0]}. Install Debian's package chromium-headless-shell.`,
  );
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
