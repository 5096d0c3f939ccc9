import { describe, expect, it } from '@jest/globals';
import { readPackageJson, readProjectFile } from './project.js';

const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta } = readPackageJson();
const page = readProjectFile('docs/dependencies.md');

function isOptional(name: string): boolean {
  return peerDependenciesMeta?.[name]?.optional === true;
}

/** The cells of each row of a table on the page, except for the table's head. */
function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
}

function section(heading: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

describe('docs/dependencies.md', () => {
  const peers = Object.keys(peerDependencies);

  it.each([
    ['Dependencies', Object.keys(dependencies)],
    ['Peer dependencies', peers.filter((name) => !isOptional(name))],
    ['Optional peer dependencies', peers.filter(isOptional)],
    ['Development dependencies', Object.keys(devDependencies)],
  ])('lists what package.json has: %s', (heading, names) => {
    const listed = tableRows(section(heading)).map(([name]) => name?.replaceAll('`', ''));
    expect(listed).toEqual(names.toSorted());
  });

  it('tells of each what it is for, why it was chosen and how it is kept up', () => {
    const incomplete = tableRows(page).filter(
      (cells) => cells.length !== 4 || cells.some((cell) => cell === ''),
    );
    expect(incomplete).toEqual([]);
  });
});
