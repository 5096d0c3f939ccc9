import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Post, Render, Res, Session } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import expressModule, { type Express, type Response } from 'express';
import { type Bag, Persistent, SessionBag, SessionModule } from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { type RunningApp, startApp } from '../support/http-apps.js';

interface User {
  name: string;
}

type Rendered = (error: unknown, text?: string) => void;

/** Prints what it is given, settings and `app.locals` aside. */
class PrintingView {
  readonly path = 'printed';

  render({ name, greeting }: { name?: string; greeting?: string }, done: Rendered): void {
    done(null, `${greeting} ${name}`);
  }
}

@Controller()
class PageController {
  @Persistent() private readonly own!: Bag<User>;

  @Post()
  save(@SessionBag('user') user: Bag<User>, @Session() session: Record<string, unknown>): void {
    user.name = this.own.name = 'Kimbra';
    session['name'] = 'Kimbra';
  }

  @Get('returned')
  @Render('page')
  returned(@SessionBag('user') user: Bag<User>): object {
    return user;
  }

  @Get('given')
  given(@SessionBag('user') user: Bag<User>, @Res() response: Response): void {
    response.locals['greeting'] = 'Goodbye';
    response.render('page', user);
  }

  @Get('called')
  called(@Res() response: Response): void {
    response.render('page', this.own, (error: unknown, text) => response.json([error, text]));
  }

  @Get('session')
  session(@Session() session: object, @Res() response: Response): void {
    response.render('page', session);
  }

  @Get('plain')
  @Render('page')
  plain(): object {
    return { name: 'nobody' };
  }

  @Get('stored')
  stored(@Session() session: object): object {
    return session;
  }
}

describe('views of Express', () => {
  let running: RunningApp;
  let client: Client;

  beforeEach(async () => {
    const adapter = new ExpressAdapter();
    const express = adapter.getInstance<Express>();
    express.set('view', PrintingView);
    express.locals['greeting'] = 'Hello';
    const imports = [SessionModule.forRoot({ autoStart: true })];
    running = await startApp(adapter, { imports, controllers: [PageController] });
    client = new Client(running.url);
    await client.post('/');
  });

  afterEach(() => running.close());

  it.each([
    ['/returned', 'Hello Kimbra'],
    ['/given', 'Goodbye Kimbra'],
    ['/called', '[null,"Hello Kimbra"]'],
    ['/session', 'Hello Kimbra'],
    ['/plain', 'Hello nobody'],
  ])('show what is in the session at %s, and store nothing', async (path, text) => {
    expect((await client.get(path)).text).toBe(text);
    expect((await client.get('/stored')).json()).toEqual({
      name: 'Kimbra',
      user: { name: 'Kimbra' },
      'persistent:PageController': { name: 'Kimbra' },
    });
  });

  it('are rendered by what main.ts puts in place of the method for all applications', async () => {
    const replaced = jest.spyOn(expressModule.response, 'render');
    replaced.mockImplementation(function (this: Response, view: string, locals: unknown) {
      this.json([view, locals]);
    });
    try {
      expect((await client.get('/given')).json()).toEqual(['page', { name: 'Kimbra' }]);
    } finally {
      replaced.mockRestore();
    }
  });
});
