import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { type Bag, SessionBag } from 'nestjs-session-bag';
import { type Item, items, keyNames, keys, nextName, user, type User } from './contents.js';

interface Lists {
  items: readonly Item[];
}

@Controller()
export class OwnController {
  @Get('untouched') untouched(): object {
    return { name: user.name };
  }

  @Get('read') read(@SessionBag('user') bag: Bag<User>): object {
    return { name: bag.name ?? user.name };
  }

  @Post('write') @HttpCode(200) write(@SessionBag('user') bag: Bag<User>): object {
    const name = nextName();
    bag.name = name;
    return { name };
  }

  @Get('keys') readKeys(@SessionBag('keys') bag: Bag<Record<string, string>>): object {
    let length = 0;
    for (const name of keyNames) if (bag[name] !== undefined) length++;
    return { length };
  }

  @Get('large') readLarge(@SessionBag('lists') bag: Bag<Lists>): object {
    return { length: bag.items?.length };
  }

  @Post('seed/user') seedUser(@SessionBag('user') bag: Bag<User>): object {
    bag.init(user);
    return {};
  }

  @Post('seed/keys') seedKeys(@SessionBag('keys') bag: Bag<Record<string, string>>): object {
    bag.init(keys);
    return {};
  }

  @Post('seed/large') seedLarge(@SessionBag('lists') bag: Bag<Lists>): object {
    bag.items = items;
    return {};
  }
}
