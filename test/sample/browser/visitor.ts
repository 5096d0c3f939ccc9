import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  Cookie,
  Page,
} from 'playwright-core';

/** Milliseconds. A busy machine must not fail what is right. */
const PATIENCE = 20_000;

/** A person with a browser of their own, who clicks through the shop. */
export class Visitor {
  static async in(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ ...options, baseURL: url });
    context.setDefaultTimeout(PATIENCE);
    const complaints: string[] = [];
    // A page that is refused, or a policy that is broken, is written to the console.
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(error.error().message));
    return new Visitor(context, await context.newPage(), complaints);
  }

  /** What the browser did not like. */
  readonly complaints: string[];
  readonly context: BrowserContext;
  readonly page: Page;

  private constructor(context: BrowserContext, page: Page, complaints: string[]) {
    this.context = context;
    this.page = page;
    this.complaints = complaints;
  }

  /** A second tab. */
  tab(): Promise<Page> {
    return this.context.newPage();
  }

  /** The cookies in the browser's jar. */
  cookies(): Promise<Cookie[]> {
    return this.context.cookies();
  }

  async logIn(name = 'kimbra'): Promise<void> {
    await this.page.goto('/login');
    await press(this.page, `Be ${name}`);
  }

  /** Gives a tab the latency and throughput of a bad mobile connection, until it is detached. */
  async slowDown(tab: Page): Promise<CDPSession> {
    const network = await this.context.newCDPSession(tab);
    await network.send('Network.enable');
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 200,
      downloadThroughput: 40_000,
      uploadThroughput: 20_000,
    });
    return network;
  }

  /** Closes the further tabs and forgets what the shop has put into the browser. */
  async leave(): Promise<void> {
    const tabs = this.context.pages().filter((page) => page !== this.page);
    await Promise.all([...tabs.map((tab) => tab.close()), this.page.goto('about:blank')]);
    await this.context.clearCookies();
    this.complaints.length = 0;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

/** Presses a button that leads to another page, and waits for that. */
export async function press(page: Page, button: string): Promise<void> {
  const arrived = page.waitForEvent('load');
  await page.getByRole('button', { name: button }).first().click();
  await arrived;
}

/** The headings, messages and all else that a page shows. */
export function textOf(page: Page): Promise<string> {
  return page.innerText('main');
}

/** The articles in the bag, as the head of the page counts them. */
export async function counted(page: Page): Promise<number> {
  return Number(await page.innerText('.count'));
}
