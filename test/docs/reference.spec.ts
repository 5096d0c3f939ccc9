import { describe, expect, it } from '@jest/globals';
import * as library from 'nestjs-session-bag';
import { ADAPTER_OPTIONS } from '../../lib/adapters/adapter-options.js';
import { KEPT_HEADERS, REFUSED_HEADERS } from '../../lib/http/refused-answer.js';
import { parseRecord } from '../../lib/record/record.js';
import { readProjectFile } from '../repository/project.js';
import { blocksOf } from './code-blocks.js';

describe('the reference pages', () => {
  it('name every option', () => {
    const page = readProjectFile('docs/options.md');
    const common = propertiesOf('lib/interfaces/session-common-options.interface.ts');
    const cookie = propertiesOf('lib/interfaces/session-cookie-options.interface.ts');
    const own = Object.values(ADAPTER_OPTIONS).flat();
    expect(common.length).toBeGreaterThan(10);
    expect(cookie).toContain('priority');
    const missing = [...common, ...cookie.map((name) => `cookie.${name}`), ...own].filter(
      (name) => !page.includes(`| \`${name}\``),
    );
    expect(missing).toEqual([]);
  });

  it('name every exception', () => {
    const page = readProjectFile('docs/errors.md');
    const exceptions = Object.keys(library).filter((name) => name.endsWith('Exception'));
    expect(exceptions.length).toBeGreaterThan(7);
    expect(exceptions.filter((name) => !page.includes(`### ${name}\n`))).toEqual([
      'SessionException',
    ]);
  });

  it('name every header that a refused answer drops or keeps', () => {
    const page = readProjectFile('docs/errors.md');
    const missing = [...REFUSED_HEADERS, ...KEPT_HEADERS].filter(
      (name) => !page.includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });

  it('R24 show a record that is one', () => {
    const [block] = blocksOf('docs/architecture.md', 'json');
    const shown = JSON.parse(block?.code ?? '') as { key: string };
    const record = parseRecord(shown.key, JSON.stringify(shown));
    expect(record).toMatchObject({ owner: 'kimbra', lifetime: 7200 });
    expect(record).toHaveProperty('variables', expect.any(Map));
  });
});

/** The names of an interface's properties, as its file has them. */
function propertiesOf(path: string): string[] {
  return Array.from(
    readProjectFile(path).matchAll(/^ {2}readonly (\w+)\?:/gm),
    ([, name = '']) => name,
  );
}
