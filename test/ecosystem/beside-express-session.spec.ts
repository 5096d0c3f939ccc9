import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Post, Session } from '@nestjs/common';
import session from 'express-session';
import { SessionContext, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { type RunningApp, startApp } from '../support/http-apps.js';

@Controller()
class CountController {
  constructor(private readonly context: SessionContext) {}

  @Post('theirs')
  theirs(@Session() theirs: { count?: number }) {
    return (theirs.count = (theirs.count ?? 0) + 1);
  }

  @Post('both')
  async both(@Session() theirs: { count?: number }) {
    const ours = await this.context.start();
    ours.set('count', ours.get('count', 0) + 1);
    return [this.theirs(theirs), ours.get('count')];
  }
}

describe('express-session that was left in main.ts', () => {
  let running: RunningApp;
  let client: Client;

  const start = async (autoStart: boolean): Promise<void> => {
    const imports = [SessionModule.forRoot({ autoStart })];
    const module = { imports, controllers: [CountController] };
    const left = session({ secret: 'old', resave: false, saveUninitialized: false });
    running = await startApp('express', module, (app) => void app.use(left));
    client = new Client(running.url);
  };
  afterEach(() => running.close());

  it('has req.session, beside the session of the module', async () => {
    await start(false);
    expect((await client.post('/theirs')).text).toBe('1');
    expect([...client.cookies.keys()]).toEqual(['connect.sid']);
    expect((await client.post('/both')).json()).toEqual([2, 1]);
    expect((await client.post('/both')).json()).toEqual([3, 2]);
    expect([...client.cookies.keys()]).toEqual(['connect.sid', 'sid']);
  });

  it('does nothing with autoStart', async () => {
    await start(true);
    expect((await client.post('/theirs')).text).toBe('1');
    expect((await client.post('/both')).json()).toEqual([3, 3]);
    expect([...client.cookies.keys()]).toEqual(['sid']);
  });
});
