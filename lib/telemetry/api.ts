import type * as OpenTelemetryApi from '@opentelemetry/api';

/** What is asked of `@opentelemetry/api`. */
export type OpenTelemetry = Pick<
  typeof OpenTelemetryApi,
  'context' | 'createNoopMeter' | 'metrics' | 'SpanKind' | 'SpanStatusCode' | 'trace'
>;

/** By what name OpenTelemetry knows this package. */
export const INSTRUMENTATION = 'nestjs-session-bag';
