import { type CanActivate, type DynamicModule, Module, type Type } from '@nestjs/common';
import {
  assertInspectorOptions,
  INSPECTOR_SETTINGS,
  type InspectorGuard,
  type InspectorSettings,
  type SessionInspectorOptions,
} from './inspector.options.js';
import { inspectorController } from './inspector.controller.js';
import { InspectorReporter } from './inspector-report.js';
import { LocalClientsGuard } from './local-clients.guard.js';
import { RequestLog } from './request-log.js';

/**
 * A page that shows the session of whoever looks, and what the last requests did in the store. Not
 * there in production unless the option `enabled` says so.
 *
 * @publicApi
 */
@Module({})
export class SessionInspectorModule {
  /** @throws InvalidSessionOptionsException naming the option and the cure */
  static forRoot(options: SessionInspectorOptions = {}): DynamicModule {
    assertInspectorOptions(options);
    const { enabled = !isProduction(), path = 'session-inspector', imports = [] } = options;
    if (!enabled) return { module: SessionInspectorModule };
    const { guard = LocalClientsGuard, showValues = false, keptRequests = 50 } = options;
    const settings: InspectorSettings = { showValues, keptRequests };
    return {
      module: SessionInspectorModule,
      imports,
      controllers: [inspectorController(path, asGuard(guard))],
      providers: [
        RequestLog,
        InspectorReporter,
        { provide: INSPECTOR_SETTINGS, useValue: settings },
      ],
    };
  }
}

/** The one thing that this package reads from the environment: whether an inspector belongs there. */
function isProduction(): boolean {
  return process.env['NODE_ENV'] === 'production';
}

function asGuard(guard: InspectorGuard): Type<CanActivate> | CanActivate {
  return isGuardClass(guard) ? guard : { canActivate: (context) => guard(context) };
}

function isGuardClass(guard: InspectorGuard): guard is Type<CanActivate> {
  return typeof (guard.prototype as CanActivate | undefined)?.canActivate === 'function';
}
