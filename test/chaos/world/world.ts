import type { CompiledPrograms } from '../../support/compiled-programs.js';
import type { Platform } from '../../support/http-apps.js';
import { AppProcess } from '../app/app-process.js';
import type { Breakage } from '../app/messages.js';
import type { Journal } from '../journal/journal.js';
import { Clock } from './clock.js';
import { lostWith, type Store, type StoreName, stores } from './stores.js';

/** What is set up for a run. */
export interface Setting {
  readonly platform: Platform;
  readonly store: StoreName;
  /** Processes of the application. */
  readonly processes: number;
  /** Milliseconds that a store call may take. */
  readonly storeTimeout: number;
  /** Seconds after which ids are renewed. @default never */
  readonly renewAfter?: number | undefined;
  /** Whether the processes have clocks that can jump. */
  readonly hasClocks?: boolean | undefined;
  /** Whether nothing stands between the application and its store. */
  readonly isDirect?: boolean | undefined;
  /** The fault that the checker is to find. */
  readonly broken?: Breakage | undefined;
}

/** An application of several processes and its store, as long as a run lasts. */
export class World {
  /** `stop()` it afterwards. */
  static async start(
    programs: CompiledPrograms,
    setting: Setting,
    journal: Journal,
  ): Promise<World> {
    const store = await stores[setting.store].start();
    const world = new World(setting, store, journal);
    const starts = Array.from({ length: setting.processes }, () => world.#startApp(programs));
    const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
    if (failed === undefined) return world;
    await world.stop();
    throw new Error('The application could not be started.', { cause: failed });
  }

  readonly setting: Setting;
  readonly store: Store;
  readonly journal: Journal;
  readonly apps: AppProcess[] = [];
  readonly clocks: Clock[] = [];

  private constructor(setting: Setting, store: Store, journal: Journal) {
    this.setting = setting;
    this.store = store;
    this.journal = journal;
    // No moment is better than another for a session to be pushed out.
    if (lostWith(setting.store) === 'use') {
      journal.trouble({ name: 'too many sessions', processes: [], mayLoseSessions: true });
    }
  }

  /** Does something to the store, and notes when. */
  async troubleStore(name: string, disturb: () => Promise<void>, isKilled = false): Promise<void> {
    const mayLoseSessions = isKilled && lostWith(this.setting.store) === 'server';
    const over = this.journal.trouble({ name, processes: [], mayLoseSessions });
    await disturb();
    over();
  }

  /** Does something to a process of the application, and notes when. */
  async troubleApp(
    name: string,
    index: number,
    disturb: (app: AppProcess) => Promise<void>,
    isKilled = false,
  ): Promise<void> {
    const app = this.apps[index];
    if (app === undefined) return;
    const mayLoseSessions = isKilled && lostWith(this.setting.store) === 'process';
    const over = this.journal.trouble({ name, processes: [index], mayLoseSessions });
    await disturb(app);
    over();
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
    await this.store.stop();
    await Promise.all(this.clocks.map((clock) => clock.remove()));
  }

  async #startApp(programs: CompiledPrograms): Promise<void> {
    const { platform, storeTimeout, broken, hasClocks, isDirect, renewAfter } = this.setting;
    const { options: proxied, direct = proxied } = this.store;
    // An application that is started while its store is away answers as soon as it is there.
    const options = { ...(isDirect ? direct : proxied), storeTimeout, renewAfter, failFast: false };
    const clock = hasClocks ? await Clock.create() : undefined;
    if (clock) this.clocks.push(clock);
    this.apps.push(await AppProcess.start(programs, { platform, options, broken }, clock?.env));
  }
}
