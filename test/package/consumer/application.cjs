/**
 * An application that uses the package in every place where Nest lets it. Decorators are applied by
 * hand, so that no compiler stands between the package and the check.
 */
exports.createModule = function createModule({ common, sessions, store }) {
  const { Controller, Get, Inject, Injectable, Module, Post, Redirect, Scope, UseGuards } = common;
  const { Persistent, SessionBag, SessionContext, SessionModule, SessionRegistry, SessionService } =
    sessions;

  class OwnerGuard {
    constructor(context) {
      this.context = context;
    }

    async canActivate() {
      return (await this.context.start()).owner !== undefined;
    }
  }
  Inject(SessionContext)(OwnerGuard, undefined, 0);

  class VisitGuard {
    canActivate() {
      this.persistent.passed = (this.persistent.passed ?? 0) + 1;
      return true;
    }
  }
  Persistent()(VisitGuard.prototype, 'persistent');
  Injectable()(VisitGuard);

  class GuardedController {
    constructor(passed) {
      this.passed = passed;
    }

    count() {
      return { passed: this.passed() };
    }
  }
  method(GuardedController, 'count', [Post('guarded'), UseGuards(VisitGuard)]);
  Inject('PASSED')(GuardedController, undefined, 0);
  Controller()(GuardedController);

  class VisitController {
    save(user) {
      user.name = 'Kimbra';
      return {};
    }

    show(user) {
      return { name: user.name };
    }

    count() {
      this.persistent.visits = (this.persistent.visits ?? 0) + 1;
      return { visits: this.persistent.visits };
    }
  }
  method(VisitController, 'save', [Post('user')], [SessionBag('user')]);
  method(VisitController, 'show', [Get('user')], [SessionBag('user')]);
  method(VisitController, 'count', [Post('count')]);
  Persistent()(VisitController.prototype, 'persistent');
  Controller('visit')(VisitController);

  class UnusedController {
    unused() {
      return {};
    }
  }
  method(UnusedController, 'unused', [Get('unused')]);
  Controller()(UnusedController);

  class AccountController {
    constructor(session, registry) {
      this.session = session;
      this.registry = registry;
    }

    async login() {
      this.persistent.logins = (this.persistent.logins ?? 0) + 1;
      await this.session.login('kimbra');
      return {};
    }

    async private() {
      const { length } = await this.registry.list('kimbra');
      return { owner: this.session.owner, sessions: length, logins: this.persistent.logins };
    }

    async add() {
      return { sum: await this.session.update('sum', (sum = 0) => sum + 1) };
    }

    async logout() {
      await this.session.destroy();
      return {};
    }

    redirect() {
      this.session.set('notice', 'Saved.');
    }
  }
  method(AccountController, 'login', [Post('login')]);
  method(AccountController, 'private', [Get('private'), UseGuards(OwnerGuard)]);
  method(AccountController, 'add', [Post('add')]);
  method(AccountController, 'logout', [Post('logout')]);
  method(AccountController, 'redirect', [Post('redirect'), Redirect('/visit/user', 303)]);
  Persistent()(AccountController.prototype, 'persistent');
  Inject(SessionService)(AccountController, undefined, 0);
  Inject(SessionRegistry)(AccountController, undefined, 1);
  Controller({ path: 'account', scope: Scope.REQUEST })(AccountController);

  const passed = {
    provide: 'PASSED',
    scope: Scope.REQUEST,
    inject: [VisitGuard],
    useFactory: (guard) => () => guard.persistent.passed,
  };
  class AppModule {}
  Module({
    imports: [SessionModule.forRoot({ adapter: store })],
    controllers: [VisitController, GuardedController, AccountController, UnusedController],
    providers: [OwnerGuard, VisitGuard, passed],
  })(AppModule);
  return AppModule;
};

function method({ prototype }, name, decorators, parameters = []) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  for (const decorate of decorators) decorate(prototype, name, descriptor);
  parameters.forEach((decorate, index) => decorate(prototype, name, index));
}
