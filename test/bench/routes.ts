/** What a request does, and what its session holds before. */
export interface Route {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The path that makes the session; none for a visitor who comes without a cookie. */
  readonly seed?: string;
}

export const routes: readonly Route[] = [
  { name: 'untouched', method: 'GET', path: '/untouched', seed: '/seed/user' },
  { name: 'read', method: 'GET', path: '/read', seed: '/seed/user' },
  { name: 'write', method: 'POST', path: '/write', seed: '/seed/user' },
  { name: 'new visitor', method: 'GET', path: '/read' },
  { name: 'new visitor writes', method: 'POST', path: '/write' },
  { name: 'read 20 keys', method: 'GET', path: '/keys', seed: '/seed/keys' },
  { name: 'read 10 kB', method: 'GET', path: '/large', seed: '/seed/large' },
];

export type RouteName = (typeof routes)[number]['name'];
