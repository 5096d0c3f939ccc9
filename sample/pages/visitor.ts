import type { SessionService } from 'nestjs-session-bag';

/** What the head of a page shows of the session. */
export function visitorOf(session: SessionService): object {
  const cart = session.bag<Record<string, number>>('cart');
  return {
    owner: session.owner,
    articles: [...cart].reduce((total, [, count]) => total + count, 0),
    messages: messagesOf(session),
  };
}

/** Removed as they are shown. What several clicks have said is shown once. */
function messagesOf(session: SessionService): [type: string, texts: string[]][] {
  const messages = Object.entries(session.flash.messages());
  return messages.map(([type, texts]) => [type, [...new Set(texts)]]);
}
