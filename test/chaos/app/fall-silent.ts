/** Every so many requests there is no answer. */
const EVERY = 50;

/** A middleware that forgets some requests: what a checker of answers must find. */
export function fallSilent(): (request: unknown, response: unknown, next: () => void) => void {
  let requests = 0;
  return (_request, _response, next) => {
    if (++requests % EVERY !== 0) next();
  };
}
