import { Controller, Get, HttpCode, Post, Session } from '@nestjs/common';
import { type Item, items, keyNames, keys, nextName, user, type User } from './contents.js';

interface PeerSession {
  user?: User;
  keys?: Record<string, string>;
  items?: readonly Item[];
}

/** Sessions as express-session and @fastify/session have them: properties of `request.session`. */
@Controller()
export class PeerController {
  @Get('untouched') untouched(): object {
    return { name: user.name };
  }

  @Get('read') read(@Session() session: PeerSession): object {
    return { name: session.user?.name ?? user.name };
  }

  @Post('write') @HttpCode(200) write(@Session() session: PeerSession): object {
    const name = nextName();
    if (session.user) session.user.name = name;
    else session.user = { name, age: user.age };
    return { name };
  }

  @Get('keys') readKeys(@Session() session: PeerSession): object {
    const bag = session.keys ?? {};
    let length = 0;
    for (const name of keyNames) if (bag[name] !== undefined) length++;
    return { length };
  }

  @Get('large') readLarge(@Session() session: PeerSession): object {
    return { length: session.items?.length };
  }

  @Post('seed/user') seedUser(@Session() session: PeerSession): object {
    session.user = { ...user };
    return {};
  }

  @Post('seed/keys') seedKeys(@Session() session: PeerSession): object {
    session.keys = { ...keys };
    return {};
  }

  @Post('seed/large') seedLarge(@Session() session: PeerSession): object {
    session.items = items;
    return {};
  }
}
