import { beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { projectRoot, readProjectFile } from '../repository/project.js';
import { blocksOf, type CodeBlock, compileErrors, pages } from './code-blocks.js';

const wrong: CodeBlock = {
  path: join(projectRoot, 'docs/wrong/wrong.ts'),
  code: "import { SessionServce } from 'nestjs-session-bag';\nexport const text: string = 1;\n",
  place: 'wrong.md:1',
};

describe('code in the documents', () => {
  const blocks = pages().flatMap((page) => blocksOf(page, 'ts'));
  let errors: readonly string[];

  beforeAll(() => {
    errors = compileErrors([...blocks, wrong]);
  }, 120_000);

  it('compiles, block by block', () => {
    expect(blocks.length).toBeGreaterThan(20);
    expect(new Set(blocks.map(({ path }) => path)).size).toBe(blocks.length);
    expect(errors.filter((error) => !error.startsWith('wrong.md'))).toEqual([]);
  });

  it('would be caught if it were wrong', () => {
    expect(errors.filter((error) => error.startsWith('wrong.md'))).toEqual([
      expect.stringContaining('SessionServce'),
      expect.stringMatching(/^wrong\.md:1, line 2: .*'number'/),
    ]);
  });

  it('shows the adapter of the sample, which is tested', () => {
    const shown = blocksOf('docs/own-adapter.md', 'ts').map(({ code }) => code);
    const adapter = readProjectFile('sample/stores/sqlite.adapter.ts');
    expect(shown).toContain(`// sqlite.adapter.ts\n${adapter}`);
  });
});
