export {
  describeSessionAdapter,
  type DescribeSessionAdapterOptions,
} from './describe-session-adapter.js';
export type { SessionAdapterLimit } from './adapter-case.js';
