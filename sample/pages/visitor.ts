import type { SessionService } from 'nestjs-session-bag';

/** What the head of a page shows of the session. Flash messages are removed as they are shown. */
export function visitorOf(session: SessionService): object {
  const cart = session.bag<Record<string, number>>('cart');
  return {
    owner: session.owner,
    articles: [...cart].reduce((total, [, count]) => total + count, 0),
    messages: session.flash.messages(),
  };
}
