export {
  describeSessionAdapter,
  type DescribeSessionAdapterOptions,
} from './describe-session-adapter.js';
export type { SessionAdapterLimit } from './adapter-case.js';
export { CountingAdapter, type StoreCall, type StoreMethod } from './counting-adapter.js';
export { readSession } from './read-session.js';
export type { ReceivedResponse, SessionSource } from './received-cookies.js';
export { type PreparedSession, sessionCookie } from './session-cookie.js';
