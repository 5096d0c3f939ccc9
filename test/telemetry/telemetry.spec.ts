import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { type Answer, Client } from '../support/client.js';
import { captureLogs } from '../support/captured-logs.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { pollUntil } from '../support/poll.js';
import { ActionsController, runAs, type SessionAction } from '../support/session-actions.js';
import { SessionContext, SessionModule } from 'nestjs-session-bag';

const SECRET = 'a value of the session';

const spans = new InMemorySpanExporter();
const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });

const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const meters = new MeterProvider({ readers: [reader] });

/** As an application that has OpenTelemetry's SDK; it may come after the application has booted. */
function startSdk(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
}

function stopSdk(): void {
  context.disable();
  trace.disable();
  metrics.disable();
}

afterAll(async () => {
  await tracers.shutdown();
  await meters.shutdown();
});

describe.each(platforms)('OpenTelemetry on %s', (platform) => {
  const adapter = new CountingAdapter();
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(
      platform,
      { imports: [SessionModule.forRoot({ adapter })], controllers: [ActionsController] },
      (app) => void app.use(withSpan),
    );
  });

  beforeEach(async () => {
    startSdk();
    client = new Client(running.url);
    await runAs(client, (session) => void session.set('n', 1));
    await reader.forceFlush();
    spans.reset();
    exporter.reset();
  });

  afterEach(stopSdk);

  afterAll(() => running.close());

  it('has spans of start and commit below that of the request, and of store calls below them', async () => {
    await run((session) => void session.set('secret', SECRET));
    expect(await tree()).toEqual({
      request: {
        'session.start': { 'session.store.read': {} },
        'session.commit': { 'session.store.update': {} },
      },
    });
    expect(attributesOf('session.store.update')).toEqual({
      'session.store.operation': 'update',
      'session.store.outcome': 'stored',
    });
  });

  it('has spans of what else a session does', async () => {
    await run(async (session) => {
      await session.update<number>('n', (n = 0) => n + 1);
      await session.regenerateId();
      await session.login('kimbra');
      await session.destroy();
    });
    expect(Object.keys((await tree())['request'] ?? {})).toEqual([
      'session.start',
      'session.update',
      'session.regenerate',
      'session.login',
      'session.destroy',
    ]);
  });

  it('has every attempt of a commit that had to be done again', async () => {
    adapter.planNext('update', async () => false as never);
    await run((session) => void session.set('n', 2));
    const outcomes = spans
      .getFinishedSpans()
      .filter(({ name }) => name === 'session.store.update')
      .map(({ attributes }) => attributes['session.store.outcome']);
    expect(outcomes).toEqual(['refused', 'stored']);
  });

  it('says which span failed, in words of ours', async () => {
    captureLogs();
    adapter.failNext('read');
    const { status } = await run(() => 1);
    expect(status).toBe(503);
    for (const name of ['session.start', 'session.store.read']) {
      expect(spanOf(name).status).toEqual({
        code: SpanStatusCode.ERROR,
        message: expect.stringContaining('The session store failed.'),
      });
      expect(attributesOf(name)['error.type']).toBe('SessionStoreUnavailableException');
    }
  });

  it('never has an id, a key or a value', async () => {
    captureLogs();
    adapter.failNext('update');
    const keys = new Set<string>();
    const ids = new Set<string>([client.cookies.get('sid') ?? '']);
    await run(async (session) => {
      session.set('secret', SECRET);
      await session.regenerateId();
      keys.add(session.key);
      ids.add(session.id);
    });
    await reader.forceFlush();
    const text = JSON.stringify([
      spans.getFinishedSpans().map(({ name, attributes, status, events }) => {
        return { name, attributes, status, events };
      }),
      exporter.getMetrics(),
    ]);
    for (const secret of [...keys, ...ids, SECRET, adapter.fault.message]) {
      expect(secret).not.toBe('');
      expect(text).not.toContain(secret);
    }
  });

  it('counts what becomes of sessions, and measures the store', async () => {
    captureLogs();
    const visitor = new Client(running.url);
    await runAs(visitor, (session) => void session.set('n', 1));
    adapter.planNext('update', async () => false as never);
    await runAs(visitor, (session) => void session.set('n', 2));
    adapter.failNext('read');
    await runAs(visitor, () => 1);
    await runAs(visitor, (session) => session.destroy());
    await visitor.get('/do/nothing', { headers: { cookie: 'sid=short' } });
    await reader.forceFlush();
    expect(counts()).toEqual({
      'session.created': 1,
      'session.conflicts changed': 1,
      'session.store.failures error': 1,
      'session.destroyed': 1,
      'session.rejected malformed-cookie': 1,
    });
    expect(latencies()).toEqual({
      'create stored': 1,
      'read found': 4,
      'read failed': 1,
      'update refused': 1,
      'update stored': 1,
      'destroy removed': 1,
    });
  });

  it('has no span for a message of a connection that uses no session', async () => {
    await running.app.get(SessionContext).run({ headers: {}, socket: {} }, () => undefined);
    expect(spans.getFinishedSpans()).toEqual([]);
  });

  it('costs nothing where no SDK is there: nothing is traced or counted', async () => {
    stopSdk();
    await run((session) => void session.set('n', 3));
    startSdk();
    await reader.forceFlush();
    expect([spans.getFinishedSpans(), counts()]).toEqual([[], {}]);
  });

  const run = (action: SessionAction): Promise<Answer> => runAs(client, action);
});

/** What an instrumentation of HTTP does: a span around the request. */
function withSpan(_request: unknown, response: NodeJS.EventEmitter, next: () => void): void {
  const span = trace.getTracer('test').startSpan('request');
  response.once('close', () => span.end());
  context.with(trace.setSpan(context.active(), span), next);
}

interface Tree {
  [name: string]: Tree;
}

/** The names of the spans, each with those below it, when that of the request has ended. */
async function tree(): Promise<Tree> {
  await pollUntil(() => spans.getFinishedSpans().some(({ name }) => name === 'request'), {
    within: 5000,
    what: 'the span of the request has ended',
  });
  const below = (parent: string | undefined): Tree =>
    Object.fromEntries(
      allSpans()
        .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
        .map((span) => [span.name, below(span.spanContext().spanId)]),
    );
  return below(undefined);
}

/** In the order of their beginnings. */
function allSpans(): ReadableSpan[] {
  const at = ({ startTime: [seconds, nanoseconds] }: ReadableSpan) =>
    seconds * 1e3 + nanoseconds / 1e6;
  return spans.getFinishedSpans().toSorted((a, b) => at(a) - at(b));
}

function spanOf(name: string): ReadableSpan {
  const span = spans.getFinishedSpans().find((each) => each.name === name);
  if (span) return span;
  throw new Error(`There is no span named ${name}.`);
}

function attributesOf(name: string): ReadableSpan['attributes'] {
  return spanOf(name).attributes;
}

function allMetrics() {
  return exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .filter(({ scope }) => scope.name === 'nestjs-session-bag')
    .flatMap((scope) => scope.metrics);
}

/** The counters by name and reason. */
function counts(): Record<string, unknown> {
  const counters = allMetrics().filter(({ dataPointType }) => dataPointType === DataPointType.SUM);
  return Object.fromEntries(
    counters.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const reason = attributes['session.reason'];
        return [
          reason === undefined ? descriptor.name : `${descriptor.name} ${String(reason)}`,
          value,
        ];
      }),
    ),
  );
}

/** How many store calls were measured, by operation and outcome. */
function latencies(): Record<string, unknown> {
  const points = allMetrics()
    .filter(({ descriptor }) => descriptor.name === 'session.store.duration')
    .flatMap(({ dataPoints }): readonly DataPoint<unknown>[] => dataPoints);
  return Object.fromEntries(
    points.map(({ attributes, value }) => [
      `${String(attributes['session.store.operation'])} ${String(attributes['session.store.outcome'])}`,
      (value as { count: number }).count,
    ]),
  );
}
