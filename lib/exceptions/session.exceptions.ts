/**
 * The parent of every error of this package. A message says what happened and what to do; it never
 * holds an id, a cookie or a stored value.
 *
 * @publicApi
 */
export class SessionException extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * The session was read or written before it was started.
 *
 * @publicApi
 */
export class SessionNotStartedException extends SessionException {
  constructor() {
    super(
      'The session has not been started in this request. Inject SessionService, take a @SessionBag() ' +
        'parameter, or await SessionContext.start() before reading or writing.',
    );
  }
}

/**
 * The session was used outside a request, or written after the answer was complete, or while it was
 * being destroyed.
 *
 * @publicApi
 */
export class SessionContextException extends SessionException {}

/**
 * A cookie was needed, and none could be sent: the response headers were gone, or the session was
 * used over a socket.
 *
 * @publicApi
 */
export class SessionHeadersSentException extends SessionException {
  /** @internal */
  constructor(operation: string, reason: string = HEADERS_ARE_SENT) {
    super(`${operation} needs to send a cookie, but ${reason}`);
  }
}

const HEADERS_ARE_SENT =
  'the headers of this response are already sent. Do it before the first byte of the answer.';

/**
 * A value cannot be stored as it is, or the session is larger than its store takes.
 *
 * @publicApi
 */
export class SessionSerializationException extends SessionException {}

/**
 * Options that make no sense; thrown while the application boots.
 *
 * @publicApi
 */
export class InvalidSessionOptionsException extends SessionException {}

/** Errors that Nest answers with their status, logging the text without sending it. */
abstract class SessionHttpException extends SessionException {
  readonly expose = false;

  constructor(
    readonly statusCode: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The same as `statusCode`, under the second name that Nest asks for. */
  get status(): number {
    return this.statusCode;
  }
}

/**
 * The session was destroyed, revoked or replaced while this request ran, or could not be changed
 * because too many others changed it at once.
 *
 * @publicApi
 */
export class SessionConflictException extends SessionHttpException {
  constructor(message: string, options?: ErrorOptions) {
    super(409, message, options);
  }
}

/**
 * The store did not answer, or refused. `cause` holds what its client said.
 *
 * @publicApi
 */
export class SessionStoreUnavailableException extends SessionHttpException {
  constructor(message: string, options?: ErrorOptions) {
    super(503, message, options);
  }
}

/**
 * The owner has as many sessions as `maxSessionsPerOwner` allows.
 *
 * @publicApi
 */
export class SessionLimitException extends SessionHttpException {
  constructor() {
    super(
      409,
      'This owner has as many sessions as maxSessionsPerOwner allows. End one of them first, or set ' +
        "whenOwnerIsFull to 'evict-oldest'.",
    );
  }
}
