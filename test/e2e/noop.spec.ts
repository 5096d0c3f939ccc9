import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionModule, SessionRegistry } from 'nestjs-session-bag';
import { NoopAdapter } from '../../lib/adapters/noop.adapter.js';
import { Client } from '../support/client.js';
import { platforms, type RunningApp, startApp } from '../support/http-apps.js';
import { ActionsController, runAs } from '../support/session-actions.js';

const choices = [
  ['by its name', () => 'noop' as const],
  ['as an object', () => new NoopAdapter()],
] as const;

describe.each(platforms)('the noop adapter on %s', (platform) => {
  describe.each(choices)('chosen %s', (_, adapterOf) => {
    let running: RunningApp;
    let client: Client;

    beforeEach(async () => {
      running = await startApp(platform, {
        imports: [SessionModule.forRoot({ adapter: adapterOf(), maxSessionsPerOwner: 1 })],
        controllers: [ActionsController],
      });
      client = new Client(running.url);
    });

    afterEach(() => running.close());

    it('accepts every commit of a request, and has forgotten them by the next one', async () => {
      const answer = await runAs(client, async (session) => {
        await session.set('a', 1).save();
        await session.set('b', 2).save();
        await session.update<number>('a', (a = 0) => a + 1);
        session.set('c', 3);
        return session.toJSON();
      });
      expect([answer.status, answer.json()]).toEqual([200, { a: 2, b: 2, c: 3 }]);
      const next = await runAs(client, (session) => [session.isNew, session.toJSON()]);
      expect(next.json()).toEqual([true, {}]);
    });

    it('accepts logins, new ids and a logout', async () => {
      const answer = await runAs(client, async (session) => {
        await session.login('anna');
        await session.set('cart', 'book').save();
        const { id } = session;
        await session.regenerateId();
        await session.login('anna');
        const seen = [session.owner, session.id === id, session.toJSON()];
        await session.logout();
        return [...seen, session.owner ?? null, session.toJSON()];
      });
      expect(answer.json()).toEqual(['anna', false, { cart: 'book' }, null, {}]);
    });

    it('gives the registry nothing to list and nothing to revoke', async () => {
      const login = await runAs(client, (session) => session.login('anna'));
      expect([login.status, login.setCookies.length]).toEqual([200, 1]);
      const registry = running.app.get(SessionRegistry);
      expect(await registry.list('anna')).toEqual([]);
      expect(await registry.revokeAll('anna')).toBe(0);
    });
  });
});
