import type { Counter, Histogram, Meter, MeterProvider } from '@opentelemetry/api';
import type { SessionEventName, SessionEvents } from '../events/session-events.js';
import type { EventSink } from '../events/session-observer.js';
import { INSTRUMENTATION, type OpenTelemetry } from './api.js';

/** The events that are counted: by which counter, and which of their facts tell them apart. */
const COUNTED = {
  created: ['session.created', 'Sessions stored for the first time', []],
  renewed: ['session.renewed', 'Sessions that got a new id', ['reason']],
  destroyed: ['session.destroyed', 'Sessions ended by destroy() or logout()', []],
  expired: ['session.expired', 'Sessions found to have come to their end', ['reason']],
  revoked: ['session.revoked', 'Sessions ended through the registry', ['reason']],
  rejected: ['session.rejected', 'Cookies that opened nothing', ['reason']],
  conflict: ['session.conflicts', 'Commits that another request was faster than', ['reason']],
  'store-failed': ['session.store.failures', 'Failed store calls', ['operation', 'reason']],
} as const satisfies Partial<Record<SessionEventName, CounterOf>>;

type CounterOf = readonly [name: string, description: string, attributes: readonly string[]];
type Counted = keyof typeof COUNTED;

/** In seconds: a cache nearby answers in less than one thousandth. */
const LATENCIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

/** What is counted and measured, for one provider of meters. */
interface Instruments {
  readonly counters: Readonly<Record<Counted, Counter>>;
  readonly latency: Histogram;
}

/** Counts what becomes of sessions, and measures how long the store takes. */
export class SessionMetrics implements EventSink {
  readonly #api: OpenTelemetry;
  #provider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(api: OpenTelemetry) {
    this.#api = api;
  }

  hears(name: SessionEventName): boolean {
    return (name === 'store-call' || isCounted(name)) && this.#current !== undefined;
  }

  tell<N extends SessionEventName>(name: N, event: SessionEvents[N]): void {
    if (name === 'store-call') this.#measure(event as SessionEvents['store-call']);
    else if (isCounted(name)) {
      this.#current?.counters[name].add(1, pick(event, COUNTED[name][2]));
    }
  }

  #measure({ operation, outcome, durationMs }: SessionEvents['store-call']): void {
    const attributes = { 'session.store.operation': operation, 'session.store.outcome': outcome };
    this.#current?.latency.record(durationMs / 1000, attributes);
  }

  /** Undefined as long as no SDK takes the measurements. Asked anew, since one may come late. */
  get #current(): Instruments | undefined {
    const provider = this.#api.metrics.getMeterProvider();
    if (provider === this.#provider) return this.#instruments;
    this.#provider = provider;
    const meter = provider.getMeter(INSTRUMENTATION);
    this.#instruments = meter === this.#api.createNoopMeter() ? undefined : instrumentsOf(meter);
    return this.#instruments;
  }
}

function instrumentsOf(meter: Meter): Instruments {
  const counters = Object.entries(COUNTED).map(([event, [name, description]]) => {
    return [event, meter.createCounter(name, { description })];
  });
  return {
    counters: Object.fromEntries(counters) as Record<Counted, Counter>,
    latency: meter.createHistogram('session.store.duration', {
      description: 'How long store calls take',
      unit: 's',
      advice: { explicitBucketBoundaries: LATENCIES },
    }),
  };
}

function isCounted(name: SessionEventName): name is Counted {
  return Object.hasOwn(COUNTED, name);
}

/** `reason` counts as `session.reason`, and so on. */
function pick(event: object, names: readonly string[]): Record<string, string> {
  const facts = event as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [attributeOf(name), String(facts[name])]));
}

function attributeOf(name: string): string {
  return name === 'operation' ? 'session.store.operation' : `session.${name}`;
}
