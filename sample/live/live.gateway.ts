import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import { SessionContext } from 'nestjs-session-bag';
import type { Server } from 'ws';
import { Views } from '../pages/views.js';
import { isSameOrigin } from '../security/same-origin.guard.js';
import { liveContents } from './live-contents.js';

/**
 * Tells a page what its session holds. Nothing here ends a connection at logout: the module does,
 * wherever the session was ended.
 */
@WebSocketGateway({
  path: '/live/socket',
  verifyClient: ({ req }: { req: IncomingMessage }) => isSameOrigin(req.headers),
})
export class LiveGateway {
  @WebSocketServer() private readonly server!: Server;

  constructor(
    private readonly sessions: SessionContext,
    private readonly views: Views,
  ) {}

  /** Every message reads the session anew, so it sees what other tabs and processes have stored. */
  @SubscribeMessage('look')
  async look(): Promise<{ event: string; data: object }> {
    const contents = liveContents(await this.sessions.start());
    const html = this.views.render('live-session', contents);
    return { event: 'session', data: { html, articles: contents.articles } };
  }

  /** Before the server ends. The pages connect again by themselves. */
  disconnectAll(): void {
    for (const client of this.server.clients) client.terminate();
  }
}
