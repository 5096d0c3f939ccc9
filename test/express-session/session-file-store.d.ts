declare module 'session-file-store' {
  import type session from 'express-session';

  interface FileStoreOptions {
    readonly path: string;
    readonly retries?: number;
    /** Seconds; -1 for never. */
    readonly reapInterval?: number;
    readonly logFn?: (line: string) => void;
  }

  export default function createFileStore(
    api: typeof session,
  ): new (options: FileStoreOptions) => session.Store;
}
