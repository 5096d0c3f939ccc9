import type { SessionModuleOptions } from 'nestjs-session-bag';
import type { Platform } from '../../support/http-apps.js';
import type { BrokenAdapterFault } from './broken-adapter.js';

/** The faults that the checker must find: of the store, or of the application itself. */
export type Breakage = BrokenAdapterFault | 'silence' | 'forgotten-ends';

/** What a process of the application is started with. */
export interface AppSettings {
  readonly platform: Platform;
  /** 0 for one that is free. */
  readonly port: number;
  readonly options: SessionModuleOptions;
  readonly broken?: Breakage | undefined;
}

/** What a process holds, after its garbage has been collected. */
export interface Holdings {
  readonly heapBytes: number;
  /** Open files and sockets. */
  readonly descriptors: number;
  readonly timers: number;
  /** Of the process and of the HTTP server. */
  readonly listeners: number;
}

export type AppMessage =
  { readonly listensOn: number } | { readonly refusal: string } | { readonly holdings: Holdings };

/** What a process is asked over its channel. */
export type AppRequest = 'measure' | 'sweep' | 'close';

/** What a process prints when it ends, before the number of requests that it has left unanswered. */
export const UNANSWERED = 'left unanswered: ';
