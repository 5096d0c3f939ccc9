import { type DynamicModule, Module } from '@nestjs/common';
import { type SessionAdapter, SessionModule } from 'nestjs-session-bag';
import { OfficeController } from './office.controller.js';

/** Another application: the same store, cookie and lifetime as the shop, and a uniqueId of its own. */
@Module({ controllers: [OfficeController] })
export class OfficeModule {
  static register(store: SessionAdapter): DynamicModule {
    return {
      module: OfficeModule,
      imports: [SessionModule.forRoot({ adapter: store, uniqueId: 'office', lifetime: 1800 })],
    };
  }
}
