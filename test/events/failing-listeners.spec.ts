import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { compiledLib } from '../support/compiled-lib.js';

/** An application in a process of its own, since it is the process that must not end. */
const application = `
  import 'reflect-metadata';
  import { subscribe } from 'node:diagnostics_channel';
  import { Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
  const { onSessionEvent, SESSION_CHANNELS, SessionContext, SessionModule } = await import(process.argv[1]);

  const calls = [];
  const listeners = (way) => [
    () => { calls.push(way + ' throws'); throw new Error('secret of a listener'); },
    async () => { calls.push(way + ' rejects'); throw new Error('secret of a listener'); },
    () => { calls.push(way + ' works'); },
  ];
  class AppModule {}
  Module({ imports: [SessionModule.forRoot(), EventEmitterModule.forRoot()] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['warn'] });
  app.use(async (request, response) => {
    const session = await app.get(SessionContext).start();
    response.end(String(session.set('n', session.get('n', 0) + 1).get('n')));
  });
  await app.listen(0, '127.0.0.1');
  for (const listener of listeners('subscribe')) subscribe(SESSION_CHANNELS.created, listener);
  for (const listener of listeners('onSessionEvent')) onSessionEvent('created', listener);
  const emitter = app.get(EventEmitter2);
  for (const listener of listeners('on')) emitter.on('session.created', listener);
  for (const listener of listeners('once')) emitter.once('session.created', listener);
  for (const listener of listeners('onAny')) emitter.onAny(listener);

  const first = await fetch(await app.getUrl());
  const cookie = first.headers.getSetCookie()[0].split(';')[0];
  const second = await fetch(await app.getUrl(), { headers: { cookie } });
  const bodies = [await first.text(), await second.text()];
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log(JSON.stringify({ bodies, calls: [...new Set(calls)].sort() }));
  await app.close();
`;

it('listeners that throw or reject change nothing: neither answers, nor other listeners, nor the process', async () => {
  const index = pathToFileURL(join(await compiledLib(), 'index.js')).href;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', application, '--', index],
    { timeout: 30_000 },
  );
  const report = JSON.parse(stdout.split('\n').at(-2) ?? '') as Record<string, string[]>;
  const ways = ['on', 'onAny', 'onSessionEvent', 'once', 'subscribe'];
  const expected = ways.flatMap((way) =>
    ['rejects', 'throws', 'works'].map((what) => `${way} ${what}`),
  );
  expect(report).toEqual({ bodies: ['1', '2'], calls: expected.toSorted() });
  const output = `${stdout}${stderr}`;
  const warnings = output.split('\n').filter((line) => line.includes('A listener'));
  expect(warnings).toEqual([expect.stringContaining(', cause: Error.')]);
  expect(output).not.toContain('secret of a listener');
}, 40_000);
