import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { SessionAdapter } from 'nestjs-session-bag';
import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import { close, createApplications, createSharedServer } from '../../sample/applications.js';
import { ServerInfo } from '../../sample/pages/server-info.js';
import type { Platform } from '../../sample/settings.js';
import { type Answer, Client } from '../support/client.js';

export interface RunningSample {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** A browser that has not been here yet. */
  browser(): Browser;
  close(): Promise<void>;
}

/** What a person does with the sample's pages. */
export class Browser {
  readonly client: Client;
  readonly origin: string;

  constructor(url: string, client = new Client(url)) {
    this.client = client;
    this.origin = new URL(url).origin;
  }

  /** The page's markup. */
  async open(path: string): Promise<string> {
    const answer = await this.client.get(path);
    if (answer.status !== 200) throw new Error(`GET ${path} was answered with ${answer.status}`);
    return answer.text;
  }

  submit(path: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const headers = { origin: this.origin };
    return this.client.send('POST', path, { headers, body: new URLSearchParams(fields) });
  }

  /** Presses the button of the last step, on the page as it is now. */
  async order(): Promise<Answer> {
    return this.submit('/checkout/order', { seen: seenOn(await this.open('/checkout')) });
  }

  async logIn(name = 'kimbra', password = 'espresso'): Promise<Answer> {
    return this.submit('/login', { name, password });
  }
}

/** What the last step of the checkout sends along. */
export function seenOn(page: string): string {
  const [, seen = ''] = /name="seen" value="([^"]+)"/.exec(page) ?? [];
  return seen;
}

/** Both applications of the sample on a free port; by default with a store of their own. */
export async function startSample(
  platform: Platform,
  store: SessionAdapter = new MemoryAdapter(),
  name = 'A',
): Promise<RunningSample> {
  const info = new ServerInfo(name, 'memory');
  const applications = await createApplications(platform, store, info, { logger: false });
  const server = createSharedServer(applications).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    browser: () => new Browser(url),
    async close() {
      const closed = close(server, applications);
      server.closeAllConnections();
      await closed;
    },
  };
}
