import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { type Bag, Persistent, SessionModule, SessionService } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

@Controller()
class VariablesController {
  @Persistent() private readonly own!: Bag<{ n: number }>;

  constructor(private readonly session: SessionService) {}

  @Post()
  set(@Body() values: Record<string, unknown>) {
    for (const [name, value] of Object.entries(values)) this.session.set(name, value);
    return {};
  }

  @Post('own')
  setOwn() {
    this.own.n = (this.own.n ?? 0) + 1;
    return {};
  }

  @Get()
  all() {
    return this.session.toJSON();
  }

  @Post('clear')
  clear() {
    this.session.clear();
    return {};
  }

  @Delete()
  async destroy() {
    await this.session.destroy();
    return {};
  }
}

describe.each(platforms)('R10 uniqueId on %s', (platform) => {
  let adapter: CountingAdapter;
  let apps: RunningApp[];
  let one: Client;
  let two: Client;
  let whole: Client;

  beforeEach(async () => {
    adapter = new CountingAdapter();
    apps = await Promise.all(
      ['one', 'two', undefined].map((uniqueId) =>
        startApp(platform, {
          imports: [SessionModule.forRoot({ adapter, uniqueId })],
          controllers: [VariablesController],
        }),
      ),
    );
    const [first, second, third] = apps.map(({ url }) => url);
    one = new Client(first ?? '');
    await one.post('/', { n: 1 });
    two = one.tab(second);
    whole = one.tab(third);
  });
  afterEach(() => Promise.all(apps.map((app) => app.close())));

  it('each application sees its own variables only, in one session', async () => {
    expect((await two.get('/')).json()).toEqual({});
    expect((await two.post('/', { n: 2 })).setCookies).toEqual([]);
    await Promise.all([one.post('/own'), two.post('/own'), two.post('/own')]);
    const bag = 'persistent:VariablesController';
    expect((await one.get('/')).json()).toEqual({ n: 1, [bag]: { n: 1 } });
    expect((await two.get('/')).json()).toMatchObject({ n: 2 });
    expect((await whole.get('/')).json()).toMatchObject({
      'one#n': 1,
      'two#n': 2,
      [`one#${bag}`]: { n: 1 },
    });
  });

  it('writing at once loses nothing', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `v${index}`);
    const answers = await Promise.all(
      names.flatMap((name) => [one.post('/', { [name]: 1 }), two.post('/', { [name]: 2 })]),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const all = (value: number) => Object.fromEntries(names.map((name) => [name, value]));
    expect((await one.get('/')).json()).toEqual({ n: 1, ...all(1) });
    expect((await two.get('/')).json()).toEqual(all(2));
  });

  it("clear() removes one's own; destroy() ends the session for both", async () => {
    await two.post('/', { n: 2 });
    await one.post('/clear');
    expect((await one.get('/')).json()).toEqual({});
    expect((await two.get('/')).json()).toEqual({ n: 2 });
    expect((await one.send('DELETE', '/')).setCookies).toHaveLength(1);
    expect((await two.get('/')).json()).toEqual({});
    expect(adapter.count('destroy')).toBe(1);
  });

  it('without it an application clears the whole session', async () => {
    await two.post('/', { n: 2 });
    await whole.post('/clear');
    expect([(await one.get('/')).json(), (await two.get('/')).json()]).toEqual([{}, {}]);
  });
});
