declare module 'connect-memcached' {
  import type session from 'express-session';

  export default function createMemcachedStore(
    api: typeof session,
  ): new (options: { readonly hosts: readonly string[] }) => session.Store;
}
