import { describe, expect, it } from '@jest/globals';
import { readProjectFile, typeScriptFiles } from './project.js';

const [, rooms = ''] = /^## Rooms$(.*?)^## /ms.exec(readProjectFile('docs/architecture.md')) ?? [];
const named = Array.from(rooms.matchAll(/`([\w.-]+)`/g), ([, name = '']) => name);
const files = typeScriptFiles('lib')
  .filter((file) => /^lib\/(?:(?:record|store|http)\/)?[\w.-]+$/.test(file))
  .map((file) => file.replace(/^.*\/|\.ts$/g, ''));

describe('the rooms of docs/architecture.md', () => {
  it('are one for each file', () => {
    expect(named.filter((name) => name !== 'req.session').toSorted()).toEqual(files.toSorted());
  });
});
