export { fromConnectSid, type FromConnectSidOptions } from './connect-sid.js';
export { fromExpressStore, type FromExpressStoreOptions } from './express-store.adapter.js';
export type { ExpressStore, ExpressStoreSession } from './express-store.js';
