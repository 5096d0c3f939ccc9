import type { SessionObserver } from '../events/session-observer.js';
import type { OpenTelemetry } from './api.js';
import { SessionMetrics } from './session-metrics.js';
import { SpanTracing } from './span-tracing.js';

/** Tells OpenTelemetry of sessions, where the application has its API. */
export async function connectOpenTelemetry(observer: SessionObserver): Promise<void> {
  const api = await loadApi();
  if (api === undefined) return;
  observer.traceWith(new SpanTracing(api));
  observer.addSink(new SessionMetrics(api));
}

async function loadApi(): Promise<OpenTelemetry | undefined> {
  try {
    return await import('@opentelemetry/api');
  } catch {
    // It is not installed. Whatever else is wrong with it, sessions do not need it.
    return undefined;
  }
}
