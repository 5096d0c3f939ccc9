import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { SessionModuleOptions } from '../session.options.js';
import type { SessionOptionsFactory } from './session-options-factory.interface.js';

/**
 * The options of `SessionModule.forRootAsync()`: `useFactory` with `inject`, `useClass` or
 * `useExisting` with a `SessionOptionsFactory`, `imports`, and `isGlobal`.
 *
 * @publicApi
 */
export type SessionModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  SessionModuleOptions,
  keyof SessionOptionsFactory
> & {
  /** @default true */
  readonly isGlobal?: boolean;
};
