import type { ServerResponse } from 'node:http';
import type { LossLogger } from '../loss-reports.js';
import type { NativeMethods } from './native-methods.js';
import type { RepeatedLooks } from './repeated-looks.js';

/** What the gate asks and tells the exchange whose answer it holds. */
export interface GatedExchange {
  /** What a log may call the request: `GET /users/:id`, and never the path that it came with. */
  readonly route: string;
  /** Whether there are changes the store has not accepted. May compare objects. */
  hasChanges(): boolean;
  /** Gives the store every change made until now. Rejects when it did not accept them. */
  commit(): Promise<void>;
  /** Whether the session was ever stored: one that never was is not created for a client that is gone. */
  readonly isStored: boolean;
  /** Adds what the session has to say to the head of an accepted answer, right before it is written. */
  writeHeaders(response: ServerResponse): void;
  /** The head goes out, accepted or refused: no cookie can be sent any more. */
  onHeadersSent(): void;
  /** The answer is over, and its changes are committed or lost with an error. Called exactly once. */
  onEnded(): void;
}

/** What a gate stands before, and where it logs. */
export interface GateSurroundings {
  readonly native: NativeMethods;
  /** The method that leads to the gate. */
  readonly gatedWriteHead: NativeMethods['writeHead'];
  readonly logger: LossLogger;
  /** For changes behind answers that may never come. */
  readonly looks: RepeatedLooks;
}
