import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AdapterLifecycle } from './adapter-lifecycle.js';
import { SessionStore } from './store/session-store.js';

/** Ends what goes on in the store without a request, and only then the connection to it. */
@Injectable()
export class StoreShutdown implements OnApplicationShutdown {
  readonly #store: SessionStore;
  readonly #adapter: AdapterLifecycle;

  constructor(store: SessionStore, adapter: AdapterLifecycle) {
    this.#store = store;
    this.#adapter = adapter;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#store.stop();
    await this.#adapter.close();
  }
}
