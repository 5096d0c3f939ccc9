import type { ModulesContainer } from '@nestjs/core';
import { InvalidSessionOptionsException } from './exceptions/session.exceptions.js';
import { SESSION_SETTINGS } from './session.constants.js';
import type { SessionModuleOptions } from './session.options.js';

/** What the module of each copy of this package has, as where a library has installed its own. */
const ANY_COPY = Symbol.for('nestjs-session-bag.SessionModule');

/** Has the other copies of this package find the module of this one. */
export function markAsCopy(module: Function): void {
  Object.defineProperty(module, ANY_COPY, { value: true });
}

/** @throws InvalidSessionOptionsException for a module that was imported as it is */
export function assertHasOptions(
  options: SessionModuleOptions | undefined,
): asserts options is SessionModuleOptions {
  if (options !== undefined) return;
  throw new InvalidSessionOptionsException(
    'SessionModule was imported without options. Import SessionModule.forRoot() in the root ' +
      'module, and nothing elsewhere: it is global.',
  );
}

/** @throws InvalidSessionOptionsException where there is another one, of this copy or of another */
export function assertIsImportedOnce(modules: ModulesContainer, own: Function): void {
  const registered = [...modules.values()].filter(({ metatype }) => ANY_COPY in metatype);
  const isOwn = (metatype: Function) => metatype === own || metatype.prototype instanceof own;
  if (!registered.every(({ metatype }) => isOwn(metatype))) {
    throw new InvalidSessionOptionsException(
      'There is a SessionModule of another copy of nestjs-session-bag in this application: see npm ls ' +
        'nestjs-session-bag, and let all share one. Libraries name it under peerDependencies. Then ' +
        'import SessionModule.forRoot() once, in the root module.',
    );
  }
  if (registered.length > 1) {
    throw new InvalidSessionOptionsException(
      'SessionModule is imported twice in one application. Import SessionModule.forRoot() once, in ' +
        'the root module; the other modules can use what it exports.',
    );
  }
}

/** @throws InvalidSessionOptionsException for options that are made anew for each request */
export function assertOptionsAreStatic(modules: ModulesContainer): void {
  const settings = [...modules.values()].flatMap(
    ({ providers }) => providers.get(SESSION_SETTINGS) ?? [],
  );
  if (settings.every((wrapper) => wrapper.isDependencyTreeStatic())) return;
  throw new InvalidSessionOptionsException(
    'The options of SessionModule.forRootAsync() are made of something request-scoped, but they are ' +
      'made once, at boot. Inject singletons only: neither REQUEST nor what has it injected.',
  );
}
