import { type DynamicModule, Module } from '@nestjs/common';
import { type SessionAdapter, SessionModule } from 'nestjs-session-bag';
import { AccountModule } from './account/account.module.js';
import { CartModule } from './cart/cart.module.js';
import { HomeModule } from './home/home.module.js';
import { UserModule } from './user/user.module.js';
import { WizardModule } from './wizard/wizard.module.js';

/** The shop: every page but those of the office. */
@Module({})
export class AppModule {
  static register(store: SessionAdapter): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SessionModule.forRoot({ adapter: store, uniqueId: 'shop', lifetime: 1800 }),
        HomeModule,
        UserModule,
        CartModule,
        WizardModule,
        AccountModule,
      ],
    };
  }
}
