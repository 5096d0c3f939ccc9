export { SessionModule } from './session.module.js';
export { SessionService } from './session.service.js';
export { SessionContext } from './session.context.js';
export { SessionRegistry } from './session.registry.js';
export { SESSION_ADAPTER } from './session.constants.js';
export { SessionBag } from './decorators/session-bag.decorator.js';
export { Persistent } from './decorators/persistent.decorator.js';
export {
  RECENT_LOGIN_REQUIRED,
  RequireRecentLogin,
} from './decorators/require-recent-login.decorator.js';
export { onSessionEvent } from './events/session-channels.js';
export {
  type CommittedChange,
  SESSION_CHANNELS,
  type SessionEventListener,
  type SessionEventName,
  type SessionEvents,
} from './events/session-events.js';
export { createSessionAdapter } from './adapters/create-session-adapter.js';
export {
  type RecordVersion,
  SessionAdapter,
  type StoredRecord,
} from './adapters/session-adapter.js';
export {
  InvalidSessionOptionsException,
  SessionConflictException,
  SessionContextException,
  SessionException,
  SessionHeadersSentException,
  SessionLimitException,
  SessionNotStartedException,
  SessionSerializationException,
  SessionStoreUnavailableException,
} from './exceptions/session.exceptions.js';
export type { Bag, BagMethods } from './interfaces/bag.interface.js';
export type {
  RequestSession,
  RequestSessionCookie,
  RequestSessionMethods,
} from './interfaces/request-session.interface.js';
export type { SessionCookieOptions } from './interfaces/session-cookie-options.interface.js';
export type { SessionCommonOptions } from './interfaces/session-common-options.interface.js';
export type { SessionData } from './interfaces/session-data.interface.js';
export type { SessionEncryptionOptions } from './interfaces/session-encryption-options.interface.js';
export type { SessionHandshake } from './interfaces/session-handshake.interface.js';
export type { SessionInfo } from './interfaces/session-info.interface.js';
export type { SessionIntercept } from './interfaces/session-intercept.interface.js';
export type { SessionLoginOptions } from './interfaces/session-login-options.interface.js';
export type { SessionFlash } from './session.flash.js';
export type { SessionModuleAsyncOptions } from './session.module-definition.js';
export type {
  PreviousSession,
  SessionPredecessor,
} from './interfaces/session-predecessor.interface.js';
export type { SessionSerializer } from './interfaces/session-serializer.interface.js';
export type { SessionModuleOptions, SessionOptionsFactory } from './session.options.js';
