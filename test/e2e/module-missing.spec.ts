import { describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Injectable,
} from '@nestjs/common';
import {
  type Bag,
  Persistent,
  RequireRecentLogin,
  SessionBag,
  SessionContextException,
} from 'nestjs-session-bag';
import { failureOf } from '../support/failure-of.js';
import { platforms, startApp } from '../support/http-apps.js';
import type { PlatformResponse } from '../support/raw-response.js';

@Controller()
class HandlersController {
  @Get('bag')
  bag(@SessionBag('user') user: Bag): unknown {
    return user;
  }

  @Get('login')
  @RequireRecentLogin(60)
  login(): void {}
}

@Injectable()
class Wizard {
  @Persistent() readonly steps!: Bag;
}

@Catch(SessionContextException)
class TellingFilter implements ExceptionFilter {
  catch(error: SessionContextException, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<PlatformResponse>().status(418).send(error.message);
  }
}

describe.each(platforms)('an application on %s without SessionModule', (platform) => {
  it.each([
    ['bag', '@SessionBag()'],
    ['login', '@RequireRecentLogin()'],
  ])('is told to import it where a handler needs it (%s)', async (route, decorator) => {
    const running = await startApp(
      platform,
      { controllers: [HandlersController] },
      (app) => void app.useGlobalFilters(new TellingFilter()),
    );
    const answer = await fetch(`${running.url}/${route}`);
    expect(await answer.text()).toBe(
      `${decorator} needs SessionModule, and this request has no session without it. Add ` +
        'SessionModule.forRoot() to the imports of the root module. Where it is there already, the ' +
        'package is installed twice: see npm ls nestjs-session-bag.',
    );
    await running.close();
  });

  it('is told so at boot where a class has @Persistent', async () => {
    const failure = await failureOf(startApp(platform, { providers: [Wizard] }));
    expect(failure.message).toContain(
      '@Persistent() steps: add SessionModule.forRoot() to the imports of the root module',
    );
  });
});
