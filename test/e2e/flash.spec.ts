import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Header,
  Injectable,
  Param,
  Post,
  Redirect,
  UseFilters,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Eta } from 'eta';
import {
  SessionContext,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
} from 'nestjs-session-bag';
import { Client } from '../support/client.js';
import { CountingAdapter } from '../support/counting-adapter.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';

/** Leads back to the form and tells there what was wrong. */
@Catch(BadRequestException)
@Injectable()
class BackToForm implements ExceptionFilter {
  constructor(
    private readonly context: SessionContext,
    private readonly host: HttpAdapterHost,
  ) {}

  async catch(error: BadRequestException, host: ArgumentsHost): Promise<void> {
    const session = await this.context.start();
    session.flash.error(error.message);
    this.host.httpAdapter.redirect(host.switchToHttp().getResponse(), 302, '/page');
  }
}

const eta = new Eta({ autoEscape: true });
const PAGE = `<% for (const [type, texts] of Object.entries(it.flash.messages())) { %>
<% for (const text of texts) { %><p class="<%= type %>"><%= text %></p><% } %><% } %>`;

@Controller()
class FormController {
  constructor(private readonly session: SessionService) {}

  @Post('form')
  @Redirect('/page')
  save() {
    this.session.flash.success('Saved.');
  }

  @Post('form/wrong')
  @UseFilters(BackToForm)
  refuse() {
    throw new BadRequestException('The name is missing.');
  }

  @Post('add/:text')
  add(@Param('text') text: string) {
    this.session.flash.notice(text);
    return {};
  }

  @Post('logout')
  @Redirect('/page')
  async logout() {
    await this.session.logout();
    this.session.flash.notice('Goodbye.');
  }

  @Post('login')
  @Redirect('/page')
  async login() {
    this.session.flash.success('Welcome.');
    await this.session.login('kimbra');
  }

  @Get('page')
  @Header('Content-Type', 'text/html')
  page() {
    return eta.renderString(PAGE, this.session).trim();
  }

  @Get('messages')
  messages() {
    return this.session.flash.messages();
  }

  @Get('plain')
  plain() {
    return this.session.get('theme', 'light');
  }
}

const SAVED = '<p class="success">Saved.</p>';

describe.each(platforms)('flash messages on %s', (platform) => {
  const apps: RunningApp[] = [];
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

  const start = async (options: SessionModuleOptions): Promise<RunningApp> => {
    const module = { imports: [SessionModule.forRoot(options)], controllers: [FormController] };
    const app = await startApp(platform, module);
    apps.push(app);
    return app;
  };

  it('are shown by the page that a redirect leads to, once', async () => {
    const client = new Client((await start({})).url);
    const answer = await client.post('/form');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/page']);
    expect((await client.get('/page')).text).toBe(SAVED);
    expect((await client.get('/page')).text).toBe('');
  });

  it('wait for the page that shows them', async () => {
    const client = new Client((await start({})).url);
    await client.post('/form');
    await client.get('/plain');
    expect((await client.get('/page')).text).toBe(SAVED);
  });

  it('are kept when an exception filter redirects, and escaped by the template', async () => {
    const client = new Client((await start({})).url);
    expect((await client.post('/form/wrong')).headers.get('location')).toBe('/page');
    await client.post('/add/%3Cb%3E');
    expect((await client.get('/page')).text).toBe(
      '<p class="error">The name is missing.</p><p class="notice">&lt;b&gt;</p>',
    );
    expect((await client.get('/page')).text).toBe('');
  });

  it('survive a logout and a login', async () => {
    const client = new Client((await start({})).url);
    await client.post('/form');
    await client.post('/logout');
    expect((await client.get('/messages')).json()).toEqual({ notice: ['Goodbye.'] });
    await client.post('/login');
    expect((await client.get('/messages')).json()).toEqual({ success: ['Welcome.'] });
  });

  it('R11 of parallel requests are all kept, and each is shown once', async () => {
    const client = new Client((await start({})).url);
    await client.post('/form');
    const texts = Array.from({ length: 20 }, (_, n) => `n${n}`);
    await Promise.all(texts.map((text) => client.post(`/add/${text}`)));
    const shown = (await client.get('/messages')).json() as Record<string, string[]>;
    expect(shown['success']).toEqual(['Saved.']);
    expect(shown['notice']?.toSorted()).toEqual(texts.toSorted());
    expect((await client.get('/messages')).json()).toEqual({});
  });

  it('R10 belong to one application', async () => {
    const adapter = new CountingAdapter();
    const shop = await start({ adapter, uniqueId: 'shop' });
    const blog = await start({ adapter, uniqueId: 'blog' });
    const inShop = new Client(shop.url);
    await inShop.post('/form');
    const inBlog = inShop.tab(blog.url);
    expect((await inBlog.get('/messages')).json()).toEqual({});
    expect((await inShop.get('/messages')).json()).toEqual({ success: ['Saved.'] });
  });

  it('live in a cookie too', async () => {
    const encryption = { keys: [randomBytes(32)] };
    const client = new Client((await start({ adapter: 'cookie', encryption })).url);
    await client.post('/form');
    expect((await client.get('/page')).text).toBe(SAVED);
    expect((await client.get('/page')).text).toBe('');
  });

  it('cost nothing where there are none', async () => {
    const adapter = new CountingAdapter();
    const client = new Client((await start({ adapter })).url);
    const answer = await client.get('/page');
    expect([answer.text, answer.setCookies, adapter.count()]).toEqual(['', [], 0]);
  });
});
