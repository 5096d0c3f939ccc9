import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Eta } from 'eta';
import { sampleFolder } from '../sample-folder.js';
import { Assets } from './assets.js';
import { ServerInfo } from './server-info.js';

const NAVIGATION = [
  ['/', 'Coffee'],
  ['/session', 'Session'],
  ['/devices', 'Devices'],
  ['/live', 'Live'],
  ['/admin', 'Admin'],
  ['/tour', 'Tour'],
];

/** The templates of sample/views. They escape what they are given; `<%~ %>` alone does not. */
@Injectable()
export class Views {
  readonly #eta = new Eta({ views: sampleFolder('views'), cache: true });
  readonly #common: object;

  constructor(assets: Assets, server: ServerInfo, host: HttpAdapterHost) {
    this.#common = {
      nav: NAVIGATION,
      asset: (name: string) => assets.address(name),
      money,
      time,
      server,
      platform: host.httpAdapter.getType(),
    };
  }

  /** @param content what the template finds on `it`, beside what every page has */
  render(view: string, content: object): string {
    return this.#eta.render(view, { ...this.#common, ...content });
  }
}

function money(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`;
}

function time(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
