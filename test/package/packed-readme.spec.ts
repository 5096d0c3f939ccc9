import { describe, expect, it } from '@jest/globals';
import { linkedFiles, packedReadme } from '../../scripts/packed-readme.mjs';
import { readProjectFile } from '../repository/project.js';

describe('README.md as it is packed', () => {
  it('links pages only, and every page', () => {
    const readme = readProjectFile('README.md');
    const packed = linkedFiles(packedReadme(readme));
    expect(packed.filter((path) => !/^(?:docs\/[\w-]+|[A-Z]+)\.md$|^LICENSE$/.test(path))).toEqual(
      [],
    );
    const pages = (paths: string[]) => paths.filter((path) => path.endsWith('.md'));
    expect(pages(packed)).toEqual(pages(linkedFiles(readme)));
  });

  it('keeps the text of a link, and leaves out brackets of links alone, and pictures', () => {
    const readme = [
      '<picture>\n  <source srcset="docs/images/dark.png">\n  <img src="docs/images/a.png">\n</picture>',
      '<img src="docs/images/a.png" alt="a"> <img src="docs/images/b.png">',
      'One ([test](test/a.spec.ts), [other](lib/b.ts)), see [the file](sample/c.ts).',
      '[Page](docs/page.md#top) (as [told](docs/page.md)), [site](https://nestjs.com).',
    ].join('\n\n');
    expect(packedReadme(readme)).toBe(
      'One, see the file.\n\n[Page](docs/page.md#top) (as [told](docs/page.md)), [site](https://nestjs.com).',
    );
    expect(linkedFiles(readme)).toEqual([
      'docs/images/dark.png',
      'docs/images/a.png',
      'docs/images/a.png',
      'docs/images/b.png',
      'test/a.spec.ts',
      'lib/b.ts',
      'sample/c.ts',
      'docs/page.md',
      'docs/page.md',
    ]);
  });
});
