import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { createApplications, createSharedServer } from '../../sample/applications.js';
import { type Answer, Client } from '../support/client.js';

export interface RunningSample {
  /** A browser that has not been here yet. */
  browser(): Browser;
  close(): Promise<void>;
}

/** What a person does with the sample's pages. */
export class Browser {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** The page's markup. */
  async open(path: string): Promise<string> {
    const answer = await this.client.get(path);
    if (answer.status !== 200) throw new Error(`GET ${path} was answered with ${answer.status}`);
    return answer.text;
  }

  submit(path: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.client.send('POST', path, { body: new URLSearchParams(fields) });
  }
}

/** Both applications of the sample on a free port, with a store of their own. */
export async function startSample(platform: string): Promise<RunningSample> {
  const applications = await createApplications(platform, new MemoryAdapter(), { logger: false });
  const server = createSharedServer(applications).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    browser: () => new Browser(new Client(`http://127.0.0.1:${port}`)),
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all([applications.shop.close(), applications.office.close()]);
    },
  };
}
