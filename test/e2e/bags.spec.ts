import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  type PipeTransform,
  Post,
  Put,
} from '@nestjs/common';
import { type Bag, SessionBag, SessionModule, SessionService } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

interface User {
  name: string;
  age: number;
}

/** Sees what a handler is given. */
class LookingPipe implements PipeTransform {
  static readonly seen: string[] = [];

  transform(value: object): object {
    LookingPipe.seen.push(Object.keys(value).join());
    return value;
  }
}

@Controller('user')
class UserController {
  constructor(private readonly session: SessionService) {}

  @Post()
  save(@SessionBag('user') user: Bag<User>) {
    user.name = 'Kimbra Johnson';
    user.age = 22;
  }

  @Get()
  returned(@SessionBag('user') user: Bag<User>) {
    return user;
  }

  @Get('awaited')
  async awaited(@SessionBag('user') user: Bag<User>) {
    return { user: await Promise.resolve(user), same: this.session.bag('user') === user };
  }

  @Get('spread')
  spread(@SessionBag('user') user: Bag<User>) {
    const { name, ...rest } = user.toJSON();
    return { name, rest, printed: inspect(user), variable: this.session.get('user') };
  }

  @Put()
  @HttpCode(200)
  replace(@SessionBag('user') user: Bag<User>, @Body() values: Partial<User>) {
    return user.init(values);
  }

  @Delete()
  remove(@SessionBag('user') user: Bag<User>) {
    delete user.name;
    return { age: user.pull('age'), left: user.size, isThere: this.session.has('user') };
  }

  @Get('keys')
  keys() {
    return this.session.keys();
  }
}

describe.each(platforms)('bags on %s', (platform) => {
  const user = { name: 'Kimbra Johnson', age: 22 };
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    running = await startApp(
      platform,
      { imports: [SessionModule.forRoot()], controllers: [UserController] },
      (app) => void app.useGlobalPipes(new LookingPipe()),
    );
    client = new Client(running.url);
    await client.post('/user');
  });
  afterEach(() => running.close());

  it('keep from request to request what was assigned', async () => {
    expect((await client.get('/user')).json()).toEqual(user);
  });

  it('are answered, awaited, copied and printed as what is in them', async () => {
    expect((await client.get('/user/awaited')).json()).toEqual({ user, same: true });
    expect((await client.get('/user/spread')).json()).toEqual({
      name: user.name,
      rest: { age: 22 },
      printed: "{ name: 'Kimbra Johnson', age: 22 }",
      variable: user,
    });
  });

  it('go through global pipes', async () => {
    LookingPipe.seen.length = 0;
    expect((await client.get('/user')).json()).toEqual(user);
    expect(LookingPipe.seen).toEqual(['name,age']);
  });

  it('init replaces everything', async () => {
    const replaced = await client.send('PUT', '/user', {
      headers: { 'content-type': 'application/json' },
      body: '{"name":"Lee"}',
    });
    expect(replaced.json()).toEqual({ name: 'Lee' });
    expect((await client.get('/user')).json()).toEqual({ name: 'Lee' });
  });

  it('an empty bag is no entry', async () => {
    expect((await client.send('DELETE', '/user')).json()).toEqual({
      age: 22,
      left: 0,
      isThere: false,
    });
    expect((await client.get('/user/keys')).json()).toEqual([]);
    expect((await client.get('/user')).json()).toEqual({});
  });
});
