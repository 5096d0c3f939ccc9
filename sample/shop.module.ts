import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { type SessionAdapter, SessionModule } from 'nestjs-session-bag';
import { SessionInspectorModule } from 'nestjs-session-bag/inspector';
import { AddressController } from './account/address.controller.js';
import { DevicesController } from './account/devices.controller.js';
import { CartController } from './cart/cart.controller.js';
import { CatalogController } from './catalog/catalog.controller.js';
import { CheckoutController } from './checkout/checkout.controller.js';
import { LiveController } from './live/live.controller.js';
import { LiveGateway } from './live/live.gateway.js';
import { LoginModule } from './login/login.module.js';
import { PagesModule } from './pages/pages.module.js';
import type { ServerInfo } from './pages/server-info.js';
import { SameOriginGuard } from './security/same-origin.guard.js';
import { SessionController } from './session/session.controller.js';
import { TourController } from './tour/tour.controller.js';

/** Every page but those of the back office. */
@Module({
  imports: [LoginModule],
  controllers: [
    CatalogController,
    CartController,
    CheckoutController,
    DevicesController,
    AddressController,
    SessionController,
    LiveController,
    TourController,
  ],
  providers: [LiveGateway, { provide: APP_GUARD, useClass: SameOriginGuard }],
})
export class ShopModule {
  static register(store: SessionAdapter, server: ServerInfo): DynamicModule {
    return {
      module: ShopModule,
      imports: [
        SessionModule.forRoot({ adapter: store, uniqueId: 'shop', lifetime: 1800 }),
        SessionInspectorModule.forRoot({ path: 'inspector' }),
        PagesModule.register(server),
      ],
    };
  }
}
