/**
 * What an application does with the package, on either module system: an app keeps a bag between
 * two requests of one visitor, and shuts down.
 *
 * Decorators are applied by hand, so that no compiler stands between the package and the check.
 */
exports.checkSessions = async function checkSessions({ core, common, sessions, platform }) {
  const app = await core.NestFactory.create(createModule(common, sessions), platform(), {
    logger: ['error', 'warn'],
  });
  await app.listen(0, '127.0.0.1');
  try {
    await checkBagIsKept(await app.getUrl());
  } finally {
    await app.close();
  }
};

function createModule({ Controller, Get, Inject, Module, Post }, sessions) {
  const { SessionBag, SessionModule, SessionService } = sessions;

  class VisitController {
    constructor(session) {
      this.session = session;
    }

    save(user) {
      user.name = 'Kimbra';
      return {};
    }

    show(user) {
      return { name: user.name, stored: this.session.get('user') };
    }
  }
  decorateMethod(VisitController, 'save', Post(), SessionBag('user'));
  decorateMethod(VisitController, 'show', Get(), SessionBag('user'));
  Inject(SessionService)(VisitController, undefined, 0);
  Controller('visit')(VisitController);

  class AppModule {}
  Module({ imports: [SessionModule.forRoot()], controllers: [VisitController] })(AppModule);
  return AppModule;
}

function decorateMethod({ prototype }, name, method, firstParameter) {
  method(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
  firstParameter(prototype, name, 0);
}

async function checkBagIsKept(url) {
  const saved = await fetch(`${url}/visit`, { method: 'POST' });
  expectEqual(saved.status, 201, 'status of the first answer');
  const [cookie = ''] = saved.headers.getSetCookie();
  expectEqual(/^sid=[\w-]{43};.*HttpOnly/.test(cookie), true, 'first answer sets the cookie');

  const shown = await fetch(`${url}/visit`, { headers: { cookie: cookie.split(';')[0] } });
  const bag = { name: 'Kimbra', stored: { name: 'Kimbra' } };
  expectEqual(await shown.text(), JSON.stringify(bag), 'bag in the second request');

  const stranger = await fetch(`${url}/visit`);
  expectEqual(await stranger.text(), '{}', 'bag of another visitor');
}

function expectEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}
