import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { projectRoot, readProjectFile } from '../repository/project.js';

/** A fenced block of a page, as a file beside the page. */
export interface CodeBlock {
  /** Absolute. A block whose first line is `// name.ts` has that name, so that others can import it. */
  readonly path: string;
  readonly code: string;
  /** Where it stands, for people. */
  readonly place: string;
}

/** README.md and the pages of docs/, as paths from the project's root. */
export function pages(): string[] {
  const inDocs = readdirSync(join(projectRoot, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...inDocs.map((name) => `docs/${name}`)];
}

/** The blocks of a page in one language. */
export function blocksOf(page: string, language: string): CodeBlock[] {
  const text = readProjectFile(page);
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms))
    .filter(([, info]) => info === language)
    .map(({ index, 2: code = '' }) => {
      const line = text.slice(0, index).split('\n').length;
      const [, name = `block-${line}.ts`] = /^\/\/ ([\w.-]+\.ts)\n/.exec(code) ?? [];
      const folder = page.replace(/\.md$/, '');
      return { path: join(projectRoot, folder, name), code, place: `${page}:${line}` };
    });
}

/** What the compiler says of the blocks; they see the package as applications do. */
export function compileErrors(blocks: readonly CodeBlock[]): string[] {
  const sources = new Map(blocks.map((block) => [block.path, block]));
  const program = ts.createProgram([...sources.keys()], compilerOptions(), hostOver(sources));
  return blocks.flatMap((block) => {
    const file = program.getSourceFile(block.path);
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    return found.map(({ messageText, start = 0 }) => {
      const line = block.code.slice(0, start).split('\n').length;
      return `${block.place}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

function compilerOptions(): ts.CompilerOptions {
  const path = join(projectRoot, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as { config: object };
  return { ...ts.parseJsonConfigFileContent(config, ts.sys, projectRoot).options, noEmit: true };
}

function hostOver(sources: ReadonlyMap<string, CodeBlock>): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions());
  const folders = new Set(Array.from(sources.keys(), (path) => join(path, '..')));
  return {
    ...host,
    fileExists: (path) => sources.has(path) || host.fileExists(path),
    readFile: (path) => sources.get(path)?.code ?? host.readFile(path),
    directoryExists: (path) => folders.has(path) || existsSync(path),
    getSourceFile: (path, version, onError) => {
      const block = sources.get(path);
      if (block === undefined) return host.getSourceFile(path, version, onError);
      return ts.createSourceFile(path, block.code, version);
    },
  };
}
