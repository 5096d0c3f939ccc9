import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';

/** What Nest's `mixin()` puts in place of a class's name, another one at every start. */
const MIXIN_NAME = /^[0-9a-f]{21}$/;

/** Sees to it that no two classes of an application keep their data in one bag. */
export class PersistentNames {
  readonly #classes = new Map<string, Function>();

  /** @throws InvalidSessionOptionsException when the class cannot have a bag of that name */
  claim(name: string, host: Function): void {
    const other = this.#classes.get(name) ?? host;
    if (name === '') {
      throw new InvalidSessionOptionsException(
        '@Persistent() has an empty name, or none is given and its class has none. Give the class or ' +
          'the bag a name.',
      );
    }
    if (name === host.name && MIXIN_NAME.test(name)) {
      throw new InvalidSessionOptionsException(
        'A class that mixin() has made uses @Persistent(). Nest gives it another name at every start, ' +
          "so its data would be lost. Give the bag a name: @Persistent('name').",
      );
    }
    if (other !== host) {
      throw new InvalidSessionOptionsException(
        `Two different classes use @Persistent() under the name "${name}" and would share one ` +
          "bag. Give both a name of their own: @Persistent('first') and @Persistent('second').",
      );
    }
    this.#classes.set(name, host);
  }
}
