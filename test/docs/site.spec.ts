import { describe, expect, it } from '@jest/globals';
import { basename } from 'node:path';
import { chapters } from '../../docs/.vitepress/pages.js';
import { readProjectFile } from '../repository/project.js';
import { pages } from './code-blocks.js';

const FRONT_PAGES = ['README', 'index'];

describe('the site of the documents', () => {
  it('has every page in its contents, once', () => {
    const files = pages().map((page) => basename(page, '.md'));
    const listed = chapters.flatMap((chapter) => chapter.pages.map(([file]) => file));
    expect(listed.toSorted()).toEqual(
      files.filter((file) => !FRONT_PAGES.includes(file)).toSorted(),
    );
  });

  it('is searched without another service', () => {
    expect(readProjectFile('docs/.vitepress/config.js')).toContain("provider: 'local'");
  });
});

describe('commands in the documents', () => {
  const { scripts } = JSON.parse(readProjectFile('package.json')) as { scripts: object };

  it.each(pages())('of %s are scripts of the project', (page) => {
    const named = readProjectFile(page).matchAll(
      /(?<=[`\n =a-z])npm (?:run ([\w:]+)|(start|test)\b)/g,
    );
    const missing = Array.from(named, ([, run, short]) => run ?? short ?? '').filter(
      (name) => !Object.hasOwn(scripts, name),
    );
    expect(missing).toEqual([]);
  });
});
