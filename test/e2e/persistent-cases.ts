import { type INestApplication, type ModuleMetadata, Scope, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import {
  CountingService,
  OuterService,
  OutermostService,
  CountingGuard,
  RequestGuard,
  CountingInterceptor,
  CountingPipe,
  CountingFilter,
  BareController,
  HostController,
  RequestController,
  NamedController,
  NestedController,
  ForwardController,
  TokenController,
  FactoryController,
  GuardedController,
  RequestGuardedController,
  MethodController,
  InterceptedController,
  PipedController,
  ParamPipeController,
  ParamController,
  FilteredController,
  FailingController,
} from './persistent-hosts.js';

const counting = [CountingService];
const factory = (scope: Scope) => ({
  provide: 'COUNT',
  scope,
  inject: [{ token: CountingService, optional: true }],
  useFactory: (service: CountingService) => () => service.count(),
});

/** Who has the bag, what the bag is called, and an application whose route /it counts in it. */
export type PersistentCase = readonly [
  what: string,
  bag: string,
  module: ModuleMetadata,
  configure?: (app: INestApplication) => void,
];

/** Those that concern the routes of one controller. */
export const onOneController: readonly PersistentCase[] = [
  [
    'a controller, inheriting from a base class',
    'HostController',
    { controllers: [HostController] },
  ],
  ['a request-scoped controller', 'RequestController', { controllers: [RequestController] }],
  ['a bag with a name of its own', 'Named', { controllers: [NamedController] }],
  [
    'a service three levels down',
    'CountingService',
    {
      controllers: [NestedController],
      providers: [OutermostService, OuterService, ...counting],
    },
  ],
  [
    'a forward reference',
    'CountingService',
    { controllers: [ForwardController], providers: counting },
  ],
  [
    'a class under a token',
    'CountingService',
    {
      controllers: [TokenController],
      providers: [{ provide: 'COUNTER', useClass: CountingService }],
    },
  ],
  [
    'an alias',
    'CountingService',
    {
      controllers: [TokenController],
      providers: [...counting, { provide: 'COUNTER', useExisting: CountingService }],
    },
  ],
  [
    'a factory',
    'CountingService',
    { controllers: [FactoryController], providers: [...counting, factory(Scope.DEFAULT)] },
  ],
  [
    'a request-scoped factory',
    'CountingService',
    { controllers: [FactoryController], providers: [...counting, factory(Scope.REQUEST)] },
  ],
  ['a guard', 'CountingGuard', { controllers: [GuardedController] }],
  ['a request-scoped guard', 'RequestGuard', { controllers: [RequestGuardedController] }],
  ['the guard of one method', 'CountingGuard', { controllers: [MethodController] }],
  ['an interceptor', 'CountingInterceptor', { controllers: [InterceptedController] }],
  [
    'a pipe with a service',
    'CountingService',
    { controllers: [PipedController], providers: counting },
  ],
  [
    'the pipe of one parameter',
    'CountingService',
    { controllers: [ParamPipeController], providers: counting },
  ],
  ['a filter', 'CountingFilter', { controllers: [FilteredController] }],
];

const controllers = [BareController];
/** Those that concern every route. */
export const onEveryRoute: readonly PersistentCase[] = [
  ['APP_GUARD', 'CountingGuard', global(APP_GUARD, CountingGuard)],
  [
    'a request-scoped APP_GUARD',
    'RequestGuard',
    {
      controllers,
      providers: [{ provide: APP_GUARD, useClass: RequestGuard, scope: Scope.REQUEST }],
    },
  ],
  [
    'APP_GUARD as an alias',
    'CountingGuard',
    {
      controllers,
      providers: [CountingGuard, { provide: APP_GUARD, useExisting: CountingGuard }],
    },
  ],
  ['APP_INTERCEPTOR', 'CountingInterceptor', global(APP_INTERCEPTOR, CountingInterceptor)],
  [
    'APP_PIPE',
    'CountingService',
    {
      controllers: [ParamController],
      providers: [...counting, { provide: APP_PIPE, useClass: CountingPipe }],
    },
  ],
  [
    'APP_FILTER',
    'CountingFilter',
    {
      controllers: [FailingController],
      providers: [{ provide: APP_FILTER, useClass: CountingFilter }],
    },
  ],
  [
    'useGlobalGuards with an instance of the container',
    'CountingGuard',
    { controllers, providers: [CountingGuard] },
    (app) => app.useGlobalGuards(app.get(CountingGuard)),
  ],
  [
    'useGlobalInterceptors with an instance of the container',
    'CountingInterceptor',
    { controllers, providers: [CountingInterceptor] },
    (app) => app.useGlobalInterceptors(app.get(CountingInterceptor)),
  ],
  [
    'useGlobalFilters with an instance of the container',
    'CountingFilter',
    { controllers: [FailingController], providers: [CountingFilter] },
    (app) => app.useGlobalFilters(app.get(CountingFilter)),
  ],
];

function global(token: string, useClass: Type): ModuleMetadata {
  return { controllers: [BareController], providers: [{ provide: token, useClass }] };
}
