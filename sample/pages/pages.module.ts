import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Assets } from './assets.js';
import { AssetsController } from './assets.controller.js';
import { FormAgainFilter } from './form-again.filter.js';
import { PageFilter } from './page.filter.js';
import { ServerInfo } from './server-info.js';
import { Views } from './views.js';

/** Pages for both applications: views, their files, and a page for errors. */
@Module({})
export class PagesModule {
  static register(server: ServerInfo): DynamicModule {
    return {
      module: PagesModule,
      global: true,
      controllers: [AssetsController],
      providers: [
        Assets,
        Views,
        { provide: ServerInfo, useValue: server },
        { provide: APP_FILTER, useClass: PageFilter },
        // The later is asked first.
        { provide: APP_FILTER, useClass: FormAgainFilter },
      ],
      exports: [Views],
    };
  }
}
