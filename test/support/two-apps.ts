import { SessionModule, type SessionModuleOptions } from 'nestjs-session-bag';
import { Client } from './client.js';
import { type Platform, type RunningApp, startApp } from './http-apps.js';
import { ActionsController } from './session-actions.js';

/** Two processes of an application that runs actions, and a browser whose requests come to both. */
export class TwoApps {
  static async start(platform: Platform, options: SessionModuleOptions): Promise<TwoApps> {
    const start = (): Promise<RunningApp> =>
      startApp(platform, {
        imports: [SessionModule.forRoot(options)],
        controllers: [ActionsController],
      });
    return new TwoApps(await start(), await start());
  }

  /** The browser at the first process. */
  readonly here: Client;
  readonly first: RunningApp;
  readonly #second: RunningApp;

  private constructor(first: RunningApp, second: RunningApp) {
    this.first = first;
    this.#second = second;
    this.here = new Client(first.url);
  }

  /** The browser, with the cookies that it has now, at the second process. */
  there(): Client {
    return this.here.tab(this.#second.url);
  }

  async close(): Promise<void> {
    await this.first.close();
    await this.#second.close();
  }
}
