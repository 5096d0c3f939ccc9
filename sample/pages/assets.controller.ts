import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { Assets } from './assets.js';

/** Uses no session, so that a file sends no cookie and every cache may keep it. */
@Controller('assets')
export class AssetsController {
  constructor(private readonly assets: Assets) {}

  @Get(':version/:name')
  @Header('Cache-Control', 'public, max-age=31536000, immutable')
  send(@Param('name') name: string): StreamableFile {
    const asset = this.assets.find(name);
    if (asset === undefined) throw new NotFoundException('There is no such file.');
    return new StreamableFile(asset.body, { type: asset.type, length: asset.body.length });
  }
}
