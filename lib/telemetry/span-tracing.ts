import type { ProxyTracerProvider, Span, Tracer } from '@opentelemetry/api';
import type { SessionTracing, TracedWork } from '../events/session-observer.js';
import { SessionException } from '../exceptions/session.exceptions.js';
import { INSTRUMENTATION, type OpenTelemetry } from './api.js';

const STORE = 'session.store.';

/** Makes a span of each piece of work, below that in which it is done. */
export class SpanTracing implements SessionTracing {
  readonly #api: OpenTelemetry;

  constructor(api: OpenTelemetry) {
    this.#api = api;
  }

  get isActive(): boolean {
    return this.#tracer !== undefined;
  }

  async follow<T>(
    name: TracedWork,
    work: () => Promise<T>,
    outcomeOf?: (result: T) => string,
  ): Promise<T> {
    const { context, trace } = this.#api;
    const span = this.#start(name);
    if (span === undefined) return work();
    try {
      const result = await context.with(trace.setSpan(context.active(), span), work);
      if (outcomeOf) span.setAttribute('session.store.outcome', outcomeOf(result));
      return result;
    } catch (error) {
      this.#fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  #start(name: TracedWork): Span | undefined {
    const { SpanKind } = this.#api;
    if (!name.startsWith(STORE)) return this.#tracer?.startSpan(name);
    const attributes = { 'session.store.operation': name.slice(STORE.length) };
    return this.#tracer?.startSpan(name, { kind: SpanKind.CLIENT, attributes });
  }

  /** Messages of other errors than ours may hold anything. */
  #fail(span: Span, error: unknown): void {
    const type = error instanceof Error ? error.name : typeof error;
    const message = error instanceof SessionException ? error.message : type;
    span.setAttribute('error.type', type);
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
  }

  /** Undefined as long as no SDK takes what is traced. Asked anew, since one may come late. */
  get #tracer(): Tracer | undefined {
    const provider = this.#api.trace.getTracerProvider();
    const { getDelegateTracer } = provider as Partial<ProxyTracerProvider>;
    if (getDelegateTracer === undefined) return provider.getTracer(INSTRUMENTATION);
    return getDelegateTracer.call(provider as ProxyTracerProvider, INSTRUMENTATION);
  }
}
