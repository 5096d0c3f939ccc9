import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BadRequestException,
  Controller,
  Get,
  HttpCode,
  Injectable,
  Redirect,
  Res,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { eachAdapter } from '../../lib/http/http-adapters.js';
import { installMiddleware } from '../../lib/http/install-middleware.js';
import { ResponseGates } from '../../lib/http/response-gates.js';
import { FakeExchange, FakeLogger, RawClient } from '../support/gated-server.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

interface Platformed {
  readonly raw?: ServerResponse;
  hijack?(): void;
}

const folder = await mkdtemp(join(tmpdir(), 'gate-'));
const file = join(folder, 'file.txt');
await writeFile(file, 'file '.repeat(20_000));

@Controller()
class AnswerController {
  @Get('json') json(): object {
    return { ok: true };
  }

  @Get('text') text(): string {
    return 'ok';
  }

  @Get('empty') @HttpCode(204) empty(): void {}

  @Get('not-modified') @HttpCode(304) notModified(): void {}

  @Get('redirect') @Redirect('/there', 302) redirect(): void {}

  @Get('file') file(): StreamableFile {
    return new StreamableFile(createReadStream(file), { type: 'text/plain' });
  }

  @Get('buffer') buffer(): StreamableFile {
    return new StreamableFile(Buffer.from('buffer'));
  }

  @Get('failure') failure(): never {
    throw new BadRequestException('bad');
  }

  @Get('crash') crash(): never {
    throw new Error('crash');
  }

  @Sse('sse') sse(): unknown {
    return of({ data: 'one' }, { data: 'two' });
  }

  @Get('res') res(@Res() response: { send(body: string): void }): void {
    response.send('by hand');
  }

  @Get('hijack') hijack(@Res() response: Platformed): void {
    response.hijack?.();
    const raw = response.raw ?? (response as unknown as ServerResponse);
    raw.setHeader('X-Raw', 'yes');
    raw.write('raw ');
    raw.end('body');
  }

  @Get('raw-head') rawHead(@Res() response: Platformed): void {
    response.hijack?.();
    const raw = response.raw ?? (response as unknown as ServerResponse);
    raw.writeHead(202, 'Accepted', { 'X-Raw': 'yes' });
    raw.end('x');
  }

  @Get('passthrough') passthrough(
    @Res({ passthrough: true }) response: { header(name: string, value: string): void },
  ): string {
    response.header('X-Theirs', 'yes');
    return 'ok';
  }
}

/** Every request comes with a change, whose commit the test ends. */
@Injectable()
class Gates {
  readonly opened: { exchange: FakeExchange; response: ServerResponse; logger: FakeLogger }[] = [];

  constructor(host: HttpAdapterHost) {
    eachAdapter(host, (adapter) =>
      installMiddleware(adapter, (_request, response, next) => {
        const exchange = new FakeExchange(1);
        const logger = new FakeLogger();
        this.opened.push({ exchange, response, logger });
        new ResponseGates(logger).admit(response).close(exchange);
        exchange.once('commit', () => host.httpAdapter.getHttpServer().emit('gate'));
        next();
      }),
    );
  }

  /** The gate of the request that commits next. */
  async next(app: RunningApp): Promise<(typeof this.opened)[number]> {
    if (this.opened.length === 0) await once(app.app.getHttpServer(), 'gate');
    const gate = this.opened.shift();
    if (gate === undefined) throw new Error('No request came.');
    await gate.exchange.committing();
    return gate;
  }
}

afterAll(() => rm(folder, { recursive: true }));

describe.each(platforms)('on %s', (platform) => {
  let app: RunningApp;
  let gates: Gates;
  let client: RawClient;

  beforeAll(async () => {
    app = await startApp(platform, { controllers: [AnswerController], providers: [Gates] });
    gates = app.app.get(Gates);
  });
  afterAll(() => app.close());

  beforeEach(async () => {
    client = await RawClient.connect(app.port);
  });
  afterEach(() => client.cut());

  const answers: [line: string, status: number, part: string][] = [
    ['GET /json', 200, '{"ok":true}'],
    ['GET /text', 200, '\r\n\r\nok'],
    ['GET /empty', 204, '\r\n\r\n'],
    ['GET /not-modified', 304, '\r\n\r\n'],
    ['GET /redirect', 302, '/there\r\n'],
    ['GET /file', 200, 'file file '],
    ['GET /buffer', 200, '\r\n\r\nbuffer'],
    ['GET /failure', 400, '"message":"bad"'],
    ['GET /crash', 500, '"Internal server error"'],
    ['GET /sse', 200, 'data: two'],
    ['GET /res', 200, 'by hand'],
    ['GET /hijack', 200, 'raw '],
    ['GET /raw-head', 202, 'yes\r\n'],
    ['GET /passthrough', 200, 'yes\r\n'],
    ['GET /nowhere', 404, '"statusCode":404'],
    ['HEAD /json', 200, '\r\n\r\n'],
    ['HEAD /nowhere', 404, '\r\n\r\n'],
    ['OPTIONS /nowhere', 404, '\r\n\r\n'],
  ];

  it.each(answers)('R14 %s waits for the commit', async (line, status, part) => {
    client.send(line);
    const { exchange, response } = await gates.next(app);
    expect(response.socket?.bytesWritten).toBe(0);
    expect(client.received).toBe('');
    await exchange.accept();
    const answer = await answerOf(client, line, '\r\n0\r\n\r\n');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(part);
    expect(answer).toContain('sid=fake\r\n');
    await exchange.ended();
    const calls = ['commit', 'writeHeaders', 'onHeadersSent', 'onEnded'];
    expect(exchange.calls).toEqual(calls);
  });

  it.each(answers)('R15 %s is refused when its commit is', async (line) => {
    client.send(line);
    const { exchange, logger } = await gates.next(app);
    await exchange.refuse(new SessionStoreUnavailableException('No answer.'));
    const answer = await answerOf(client, line, '"Service Unavailable"}');
    expect(answer).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/);
    const body = '{"statusCode":503,"message":"Service Unavailable"}';
    expect(answer.split('\r\n\r\n')[1]).toBe(line.startsWith('HEAD') ? '' : body);
    expect(answer).not.toMatch(/sid=fake|Location|\/there/i);
    await exchange.ended();
    expect(logger.lines).toHaveLength(1);
  });
});

/** Nest keeps the connection of SSE open; the other answers end with theirs. */
function answerOf(client: RawClient, line: string, end: string): Promise<string> {
  return line === 'GET /sse' ? client.until(end) : client.all();
}
