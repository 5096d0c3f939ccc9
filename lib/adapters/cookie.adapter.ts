import { SessionException } from '../exceptions/session.exceptions.js';
import { SessionAdapter } from './session-adapter.js';

/** @publicApi */
export interface CookieAdapterOptions {
  /**
   * The store that is told which sessions have ended, so that copies of their cookies open nothing:
   * any object with the four methods. It is opened with the application, and never closed.
   *
   * @default none: a copy of a cookie opens the session until that ends by itself
   */
  readonly revocations?: SessionAdapter | undefined;
}

/**
 * Stands where the store would be: with sessions in their cookies there is none, and whoever asks it
 * is told so.
 *
 * @publicApi
 */
export class CookieAdapter extends SessionAdapter {
  async read(): Promise<never> {
    throw noStore();
  }

  async create(): Promise<never> {
    throw noStore();
  }

  async update(): Promise<never> {
    throw noStore();
  }

  async destroy(): Promise<never> {
    throw noStore();
  }

  /** There is nothing to reach. */
  override async ping(): Promise<void> {}
}

function noStore(): SessionException {
  return new SessionException(
    "With the adapter 'cookie' there is no store: each session is in its cookie. Use the session of " +
      'a request, or an adapter with a store.',
  );
}
