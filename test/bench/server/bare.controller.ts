import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { items, keyNames, nextName, user } from './contents.js';

/** The same answers as those of the others, without any session. */
@Controller()
export class BareController {
  @Get('untouched') untouched(): object {
    return { name: user.name };
  }

  @Get('read') read(): object {
    return { name: user.name };
  }

  @Post('write') @HttpCode(200) write(): object {
    return { name: nextName() };
  }

  @Get('keys') keys(): object {
    return { length: keyNames.length };
  }

  @Get('large') large(): object {
    return { length: items.length };
  }
}
