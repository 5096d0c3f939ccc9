import type { ServerResponse } from 'node:http';

/**
 * The field that Node's own `headersSent`, `setHeader`, `appendHeader`, `removeHeader`, `setHeaders`
 * and `writeHead` ask whether the head is gone. Middleware reads it too, so that a getter over
 * `headersSent` would not be enough.
 */
const HEAD = '_header';

interface HeadField {
  [HEAD]: string | null;
}

const PLACEHOLDER = 'HTTP/1.1 held\r\n\r\n';

/** Makes a held response answer every question as one whose head has been sent. */
export function lookSent(response: ServerResponse): void {
  headField(response)[HEAD] ||= PLACEHOLDER;
}

/**
 * Makes a held response answer as one that was ended, for good: its end comes with the replay. Node's
 * `finished` stays false until then: it acts on it.
 */
export function lookEnded(response: ServerResponse): void {
  shadow(response, 'writableEnded');
}

/** Makes a held response answer as one whose buffer is full. */
export function lookFull(response: ServerResponse): void {
  shadow(response, 'writableNeedDrain');
}

/** The response answers for itself again, as to its head and its buffer. */
export function lookHonest(response: ServerResponse): void {
  const field = headField(response);
  if (field[HEAD] === PLACEHOLDER) field[HEAD] = null;
  // An object from which a property is deleted is slower from then on, even where it has none.
  if (Object.hasOwn(response, 'writableNeedDrain')) {
    Reflect.deleteProperty(response, 'writableNeedDrain');
  }
}

function shadow(response: ServerResponse, property: 'writableEnded' | 'writableNeedDrain'): void {
  Object.defineProperty(response, property, { value: true, configurable: true });
}

function headField(response: ServerResponse): HeadField {
  return response as unknown as HeadField;
}
