import { type ConfigurableModuleAsyncOptions, ConfigurableModuleBuilder } from '@nestjs/common';
import type { SessionModuleOptions, SessionOptionsFactory } from './session.options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: SESSION_MODULE_OPTIONS } =
  new ConfigurableModuleBuilder<SessionModuleOptions>()
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createSessionOptions')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();

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
