export { fromExpressStore, type FromExpressStoreOptions } from './express-store.adapter.js';
export type { ExpressStore, ExpressStoreSession } from './express-store.js';
