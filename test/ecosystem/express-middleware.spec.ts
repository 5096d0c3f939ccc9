import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post, Redirect, Req, Session } from '@nestjs/common';
import flash from 'connect-flash';
import { SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

interface FlashRequest {
  /** On Fastify, what middleware gets. */
  readonly raw?: FlashRequest;
  flash(type: string, message?: string): string[];
}

type Callback = (error?: Error) => void;

/** What applications do with express-session. */
interface ExpressSession {
  [name: string]: unknown;
  readonly id: string;
  readonly cookie: { maxAge: number | null; readonly path: string; readonly secure: boolean };
  regenerate(done: Callback): void;
  destroy(done: Callback): void;
  reload(done: Callback): void;
  save(done: Callback): void;
  save(): Promise<void>;
  touch(): void;
}

function called(call: (done: Callback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });
}

@Controller()
class FlashController {
  @Post('save')
  @Redirect('/shown')
  save(@Req() request: FlashRequest) {
    (request.raw ?? request).flash('info', 'Saved.');
  }

  @Get('shown')
  shown(@Req() request: FlashRequest) {
    return (request.raw ?? request).flash('info');
  }
}

describe.each(platforms)('connect-flash on %s', (platform) => {
  let running: RunningApp;

  beforeEach(async () => {
    const imports = [SessionModule.forRoot({ adapter: new CountingAdapter(), autoStart: true })];
    const module = { imports, controllers: [FlashController] };
    running = await startApp(platform, module, (app) => void app.use(flash()));
  });

  afterEach(() => running.close());

  it('shows a message after the redirect, once', async () => {
    const client = new Client(running.url);
    const answer = await client.post('/save');
    expect(answer.headers.get('location')).toBe('/shown');
    expect((await client.get('/shown')).json()).toEqual(['Saved.']);
    expect((await client.get('/shown')).json()).toEqual([]);
  });
});

@Controller()
class ShapeController {
  @Post('set')
  set(@Session() session: ExpressSession) {
    session['cart'] = { items: ['book'] };
    return { id: session.id, path: session.cookie.path, secure: session.cookie.secure };
  }

  @Get('all')
  all(@Session() session: ExpressSession) {
    return { ...session };
  }

  @Post('regenerate')
  async regenerate(@Req() request: { session: ExpressSession }) {
    const left = request.session;
    await called((done) => left.regenerate(done));
    const begun = { ...request.session };
    request.session['begun'] = true;
    return { left: { ...left }, begun, isOther: request.session !== left };
  }

  @Post('destroy')
  async destroy(@Req() request: { session?: ExpressSession }) {
    const { session } = request;
    if (session) await called((done) => session.destroy(done));
    return { isThere: request.session !== undefined };
  }

  @Post('reload')
  async reload(@Session() session: ExpressSession) {
    session['cart'] = 'dropped';
    await called((done) => session.reload(done));
    session.touch();
    return { ...session };
  }

  @Post('remember')
  async remember(@Session() session: ExpressSession) {
    session.cookie.maxAge = 86_400_000;
    await session.save();
    return { maxAge: session.cookie.maxAge };
  }
}

describe.each(platforms)('req.session on %s', (platform) => {
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    const imports = [SessionModule.forRoot({ adapter: new CountingAdapter(), autoStart: true })];
    running = await startApp(platform, { imports, controllers: [ShapeController] });
    client = new Client(running.url);
  });

  afterEach(() => running.close());

  it('has the variables as its properties', async () => {
    expect((await client.post('/set')).json()).toEqual({ id: '', path: '/', secure: false });
    expect((await client.get('/all')).json()).toEqual({ cart: { items: ['book'] } });
  });

  it('is empty under a new id after regenerate, and the old object keeps its values', async () => {
    await client.post('/set');
    const before = client.cookies.get('sid');
    expect((await client.post('/regenerate')).json()).toEqual({
      left: { cart: { items: ['book'] } },
      begun: {},
      isOther: true,
    });
    expect(client.cookies.get('sid')).not.toBe(before);
    expect((await client.get('/all')).json()).toEqual({ begun: true });
    expect((await new Client(running.url, [['sid', before ?? '']]).get('/all')).json()).toEqual({});
  });

  it('is gone after destroy, and so is the cookie', async () => {
    await client.post('/set');
    expect((await client.post('/destroy')).json()).toEqual({ isThere: false });
    expect(client.cookies.size).toBe(0);
  });

  it('drops what was not stored when it is reloaded', async () => {
    await client.post('/set');
    expect((await client.post('/reload')).json()).toEqual({ cart: { items: ['book'] } });
    expect((await client.get('/all')).json()).toEqual({ cart: { items: ['book'] } });
  });

  it('has a cookie whose maxAge is the life of the session', async () => {
    await client.post('/set');
    const answer = await client.post('/remember');
    expect(answer.json()).toEqual({ maxAge: 86_400_000 });
    expect(answer.setCookies.join()).toContain('Max-Age=86400');
  });
});
