import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { sampleFolder } from '../sample-folder.js';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of sample/assets, under addresses that change with their content. */
@Injectable()
export class Assets {
  readonly #assets = new Map<string, Asset>();
  readonly #version: string;

  constructor() {
    const folder = sampleFolder('assets');
    const hash = createHash('sha256');
    for (const name of readdirSync(folder).toSorted()) {
      const body = readFileSync(join(folder, name));
      hash.update(body);
      this.#assets.set(name, { type: TYPES[extname(name)] ?? 'application/octet-stream', body });
    }
    this.#version = hash.digest('hex').slice(0, 12);
  }

  address(name: string): string {
    return `/assets/${this.#version}/${name}`;
  }

  find(name: string): Asset | undefined {
    return this.#assets.get(name);
  }
}
