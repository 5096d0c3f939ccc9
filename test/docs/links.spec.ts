import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectRoot, readProjectFile } from '../repository/project.js';
import { pages } from './code-blocks.js';

describe('links in the documents', () => {
  it.each(pages())('of %s lead to files and headings that are there', (page) => {
    const links = Array.from(
      readProjectFile(page).matchAll(/\]\(([^)\s]+)\)/g),
      ([, to = '']) => to,
    );
    const local = links.filter((link) => !/^https?:/.test(link));
    expect(local.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  it('lead from README.md to every page', () => {
    const readme = readProjectFile('README.md');
    expect(pages().filter((page) => page !== 'README.md' && !readme.includes(page))).toEqual([]);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(projectRoot, target))) return false;
  return heading === undefined || anchorsOf(target).includes(heading);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return Array.from(readProjectFile(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
