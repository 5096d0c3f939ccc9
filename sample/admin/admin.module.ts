import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { type SessionAdapter, SessionModule } from 'nestjs-session-bag';
import { PagesModule } from '../pages/pages.module.js';
import type { ServerInfo } from '../pages/server-info.js';
import { SameOriginGuard } from '../security/same-origin.guard.js';
import { AdminController } from './admin.controller.js';

/** Another application: the same store, cookie and lifetime as the shop, and a uniqueId of its own. */
@Module({
  controllers: [AdminController],
  providers: [{ provide: APP_GUARD, useClass: SameOriginGuard }],
})
export class AdminModule {
  static register(store: SessionAdapter, server: ServerInfo): DynamicModule {
    return {
      module: AdminModule,
      imports: [
        SessionModule.forRoot({ adapter: store, uniqueId: 'admin', lifetime: 1800 }),
        PagesModule.register(server),
      ],
    };
  }
}
