import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { type Bag, SessionBag, SessionModule, SessionService } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

type Texts = Record<string, string>;

/** Keeps what the platform's parsers have made, in every place where a value can stand. */
@Controller('parsed')
class ParsedController {
  constructor(private readonly session: SessionService) {}

  @Post(':first/:second')
  keep(
    @Param() params: Texts,
    @Query() query: Texts,
    @Body() body: Texts,
    @SessionBag('kept') kept: Bag,
  ) {
    kept['params'] = params;
    kept['query'] = query;
    kept['body'] = body;
    kept['nested'] = { list: [query, { params }], map: new Map([['body', body]]), again: query };
    this.session.set('params', params).set('query', query).set('body', body);
    return {};
  }

  @Get('filter')
  filter(@Query() query: Texts, @SessionBag('query') filter: Bag<Texts>) {
    filter.init(query);
    return filter;
  }

  @Get('inside')
  inside(@Query() query: Texts, @SessionBag('kept') kept: Bag<{ nested: { list: unknown[] } }>) {
    kept.nested?.list.push(query);
    return {};
  }

  @Get('kept')
  kept(@SessionBag('kept') kept: Bag<{ nested: { map: Map<string, unknown> } }>) {
    return { ...this.session.toJSON(), map: Object.fromEntries(kept.nested?.map ?? []) };
  }

  @Get('bags')
  bags() {
    const query = this.session.bag<Texts>('query');
    query['a'] += '!';
    return [this.session.bag('params').toJSON(), query];
  }
}

describe.each(platforms)('R8 what the parsers of %s make', (platform) => {
  const params = { first: '1', second: 'zwei' };
  const query = { a: 'x', b: '' };
  const body = { name: 'Kimbra', 'first name': '' };
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    const imports = [SessionModule.forRoot()];
    running = await startApp(platform, { imports, controllers: [ParsedController] });
    client = new Client(running.url);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = { headers, body: 'name=Kimbra&first+name=' };
    await client.send('POST', '/parsed/1/zwei?a=x&b=', sent);
  });
  afterEach(() => running.close());

  it('is kept as it is, at every depth', async () => {
    const nested = { list: [query, { params }], map: {}, again: query };
    expect((await client.get('/parsed/kept')).json()).toEqual({
      params,
      query,
      body,
      kept: { params, query, body, nested },
      map: { body },
    });
  });

  it('is a bag where it is a variable', async () => {
    expect((await client.get('/parsed/bags')).json()).toEqual([params, { a: 'x!', b: '' }]);
    expect((await client.get('/parsed/bags')).json()).toEqual([params, { a: 'x!!', b: '' }]);
    expect((await client.get('/parsed/filter?b=2')).json()).toEqual({ b: '2' });
  });

  it('is kept where it was put inside', async () => {
    await client.get('/parsed/inside?late=1');
    expect((await client.get('/parsed/kept')).json()).toMatchObject({
      kept: { nested: { list: [query, { params }, { late: '1' }] } },
    });
  });
});
