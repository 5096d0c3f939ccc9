import {
  onSessionEvent,
  SESSION_CHANNELS,
  type SessionEventListener,
  type SessionEventName,
  type SessionEvents,
} from 'nestjs-session-bag';
import { describe, expect, test } from 'tstyche';

describe('onSessionEvent()', () => {
  test('knows what each event says', () => {
    onSessionEvent('revoked', (event) => {
      expect(event.key).type.toBe<string>();
      expect(event.at).type.toBe<Date>();
      expect(event.owner).type.toBe<string | undefined>();
      expect(event.reason).type.toBe<'revoked' | 'evicted'>();
    });
    expect(onSessionEvent('created', () => undefined)).type.toBe<() => void>();
    expect(onSessionEvent).type.toBeCallableWith('committed', async () => undefined);
    expect(onSessionEvent).type.not.toBeCallableWith('craeted', () => undefined);
  });

  test('gives nothing that can be changed, and no id', () => {
    type Created = SessionEvents['created'];
    expect<{ created: Created }>().type.not.toBeAssignableFrom<{ created: { id: string } }>();
    onSessionEvent('created', (event) => {
      // @ts-expect-error Cannot assign to 'key' because it is a read-only property
      event.key = '';
      // @ts-expect-error Property 'id' does not exist
      void event.id;
    });
  });
});

describe('the names of events', () => {
  test('are those of the channels', () => {
    expect<keyof typeof SESSION_CHANNELS>().type.toBe<SessionEventName>();
    expect(SESSION_CHANNELS['store-failed']).type.toBe<'nestjs-session-bag:store-failed'>();
  });

  test('say what a listener gets', () => {
    expect<Parameters<SessionEventListener<'rejected'>>[0]>().type.toBe<
      SessionEvents['rejected']
    >();
  });
});
