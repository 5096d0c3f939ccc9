import type { CanActivate, ExecutionContext, ModuleMetadata, Type } from '@nestjs/common';
import { InvalidSessionOptionsException } from '../exceptions/session.exceptions.js';

/** Decides who may see the inspector: a guard, or the function of one. */
export type InspectorGuard =
  Type<CanActivate> | ((context: ExecutionContext) => boolean | Promise<boolean>);

/**
 * The options of `SessionInspectorModule`.
 *
 * @publicApi
 */
export interface SessionInspectorOptions {
  /**
   * Whether there is an inspector at all.
   *
   * @default true, unless the environment says NODE_ENV=production
   */
  readonly enabled?: boolean;
  /**
   * Where it is, below the application's global prefix.
   *
   * @default 'session-inspector'
   */
  readonly path?: string;
  /**
   * Who may see it: a guard's class, or a function that gets the execution context.
   *
   * @default clients on the same machine, not through a proxy
   */
  readonly guard?: InspectorGuard;
  /** Modules whose exports the guard needs. */
  readonly imports?: ModuleMetadata['imports'];
  /**
   * Whether the values of the session are shown, and not only their types and sizes.
   *
   * @default false
   */
  readonly showValues?: boolean;
  /**
   * How many of the last requests are remembered.
   *
   * @default 50
   */
  readonly keptRequests?: number;
}

/** The options with their defaults, as far as the running inspector needs them. */
export interface InspectorSettings {
  readonly showValues: boolean;
  readonly keptRequests: number;
}

/** The token of the settings. */
export const INSPECTOR_SETTINGS = Symbol('INSPECTOR_SETTINGS');

interface Rule {
  readonly expected: string;
  holds(value: unknown): boolean;
}

const RULES: Readonly<Record<keyof SessionInspectorOptions, Rule>> = {
  enabled: { expected: 'true or false', holds: isBoolean },
  path: {
    expected: 'a path that is not empty',
    holds: (value) => typeof value === 'string' && value !== '',
  },
  guard: {
    expected: "a guard's class, or a function that answers true or false",
    holds: (value) => typeof value === 'function',
  },
  imports: { expected: 'a list of modules', holds: Array.isArray },
  showValues: { expected: 'true or false', holds: isBoolean },
  keptRequests: {
    expected: 'a whole number, 1 or more',
    holds: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
};

/** @throws InvalidSessionOptionsException */
export function assertInspectorOptions(options: SessionInspectorOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof typeof RULES] : undefined;
    if (rule === undefined) {
      throw new InvalidSessionOptionsException(
        `The inspector has no option "${name}". It takes ${Object.keys(RULES).join(', ')}.`,
      );
    }
    if (value !== undefined && !rule.holds(value)) {
      throw new InvalidSessionOptionsException(
        `The inspector's option "${name}" must be ${rule.expected}.`,
      );
    }
  }
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}
