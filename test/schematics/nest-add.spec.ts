import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionModule, type SessionModuleOptions } from 'nestjs-session-bag';
import { resolveSessionOptions } from '../../lib/session.options.js';
import { projectRoot, readPackageJson } from '../repository/project.js';

type AddToModule = (source: string, path: string, element: string) => string;
interface Choice {
  readonly element: string;
  readonly packages: readonly string[];
}

const require = createRequire(import.meta.url);
const folder = '../../schematics/nest-add';
const { addToModule } = require(`${folder}/module-source.cjs`) as { addToModule: AddToModule };
const { choices } = require(`${folder}/choices.cjs`) as { choices: Record<string, Choice> };
const { nestAdd } = require(`${folder}/index.cjs`) as {
  nestAdd: (options: object) => (tree: object, context: object) => unknown;
};
const schema = require(`${folder}/schema.json`) as {
  properties: { adapter: { enum: string[]; 'x-prompt': { items: { value: string }[] } } };
};

const run = promisify(execFile);
const packages = join(projectRoot, 'node_modules');
const cli = join(packages, '@nestjs/cli/bin/nest.js');
/** What `nest new` runs, which itself does not ask for the module system. */
const generator = join(packages, '@angular-devkit/schematics-cli/bin/schematics.js');

describe('nest add nestjs-session-bag, by the Nest CLI', () => {
  let workspace: string;

  beforeAll(() => {
    workspace = mkdtempSync(join(tmpdir(), 'nest-add-'));
  });
  afterAll(() => rmSync(workspace, { recursive: true }));

  /** An application as `nest new` makes it, with the packages of this project. */
  async function generate(name: string, type: string): Promise<string> {
    const how = [`--name=${name}`, `--type=${type}`, '--package-manager=npm', '--no-dry-run'];
    const schematic = `${join(packages, '@nestjs/schematics')}:application`;
    await run(process.execPath, [generator, schematic, ...how], { cwd: workspace });
    const app = join(workspace, name);
    mkdirSync(join(app, 'node_modules/@nestjs'), { recursive: true });
    symlinkSync(projectRoot, join(app, 'node_modules/nestjs-session-bag'));
    for (const installed of ['typescript', '@nestjs/schematics']) {
      const target = join(packages, installed);
      symlinkSync(target, join(app, 'node_modules', installed));
    }
    return app;
  }

  async function add(app: string, ...flags: string[]): Promise<string> {
    const args = [cli, 'add', 'nestjs-session-bag', '--skip-install', ...flags];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: app });
    return stdout + stderr;
  }

  function read(app: string, file: string): string {
    return readFileSync(join(app, file), 'utf8');
  }

  it.each([
    ['ES modules', 'esm', "'./app.controller.js'"],
    ['CommonJS', 'cjs', "'./app.controller'"],
  ])(
    'imports the module once, in an application of %s',
    async (_, type, ownImport) => {
      const app = await generate(`app-${type}`, type);
      expect(read(app, 'src/app.module.ts')).toContain(ownImport);
      await add(app, '--adapter=redis');
      const source = read(app, 'src/app.module.ts');
      expect(source).toContain("import { SessionModule } from 'nestjs-session-bag';");
      expect(source).toContain("SessionModule.forRoot({\n      adapter: 'redis',");
      const { dependencies } = JSON.parse(read(app, 'package.json')) as ReturnType<
        typeof readPackageJson
      >;
      expect(dependencies).toHaveProperty('ioredis', readPackageJson().peerDependencies['ioredis']);
      expect(dependencies).toHaveProperty('nestjs-session-bag');

      expect(await add(app, '--adapter=file')).toContain('already');
      expect(read(app, 'src/app.module.ts')).toBe(source);
    },
    120_000,
  );

  it('says what to do where it cannot find the module', async () => {
    const app = join(workspace, 'empty');
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{}');
    mkdirSync(join(app, 'node_modules'));
    symlinkSync(projectRoot, join(app, 'node_modules/nestjs-session-bag'));
    const failure = await add(app, '--adapter=memory').catch(
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
    expect(failure).toContain('There is no src/app.module.ts. Name the file');
  }, 60_000);
});

describe('the adapters that nest add offers', () => {
  it('are those of the prompt', () => {
    const { adapter } = schema.properties;
    expect(Object.keys(choices)).toEqual(adapter.enum);
    expect(adapter['x-prompt'].items.map(({ value }) => value)).toEqual(adapter.enum);
  });

  it.each(Object.entries(choices))('have options that the module takes: %s', (name, choice) => {
    const env = {
      SESSION_KEY: randomBytes(32).toString('base64url'),
      DATABASE_URL: 'postgres://x',
    };
    const seen: SessionModuleOptions[] = [];
    const forRoot = (options: SessionModuleOptions): unknown => seen.push(options);
    runInNewContext(choice.element, { SessionModule: { forRoot }, process: { env } });
    const [options] = seen;
    expect(options).toMatchObject({ adapter: name, lifetime: 3600 });
    expect(resolveSessionOptions(options ?? {}).adapter).toBe(name);
    expect(SessionModule.forRoot(options)).toBeDefined();
  });

  it.each(Object.entries(choices))('name packages that are optional peers: %s', (_, choice) => {
    const { peerDependenciesMeta = {} } = readPackageJson();
    expect(choice.packages.filter((name) => peerDependenciesMeta[name]?.optional !== true)).toEqual(
      [],
    );
  });
});

describe('where the root module is', () => {
  /** Which file of the tree is changed. */
  function changed(files: Readonly<Record<string, string>>, options: object = {}): string[] {
    const contents = new Map(Object.entries({ 'package.json': '{}', ...files }));
    const written: string[] = [];
    const tree = {
      exists: (path: string) => contents.has(path),
      readText: (path: string) => contents.get(path),
      overwrite: (path: string) => void written.push(path),
    };
    const context = { addTask: () => {}, logger: { info: () => {} } };
    nestAdd({ adapter: 'memory', ...options })(tree, context);
    return written.filter((path) => path !== 'package.json');
  }

  const module = '@Module({})\nexport class AppModule {}\n';
  const main = (specifier: string): string =>
    `import { NestFactory } from '@nestjs/core';\nimport { AppModule } from '${specifier}';\n` +
    'async function start() {\n  const app = await NestFactory.create<X>(AppModule, {});\n}';

  it.each([
    ['its usual place', { 'src/app.module.ts': module }],
    ['its usual place', { 'src/app.module.ts': module, 'src/main.ts': main('./app.module.js') }],
    [
      'the folder of a feature',
      { 'src/app/root.ts': module, 'src/main.ts': main('./app/root.js') },
    ],
    ['an index', { 'src/app/index.ts': module, 'src/main.ts': main('./app') }],
    [
      'main.ts',
      { 'src/main.ts': `${module}await NestFactory.createApplicationContext(AppModule);` },
    ],
  ])('is found in %s', (_, files) => {
    expect(changed(files)).toEqual([Object.keys(files)[0]]);
  });

  it('is found in a project of a monorepo', () => {
    const files = {
      'apps/admin/src/admin.module.ts': module,
      'apps/admin/src/main.ts': main('./admin.module'),
      'src/app.module.ts': module,
    };
    const options = { sourceRoot: 'apps/admin/src' };
    expect(changed(files, options)).toEqual(['apps/admin/src/admin.module.ts']);
  });

  it('is the one that is named', () => {
    const files = { 'src/other.ts': module, 'src/app.module.ts': module };
    expect(changed(files, { module: 'other.ts' })).toEqual(['src/other.ts']);
  });
});

describe('the root module', () => {
  const element = 'SessionModule.forRoot()';
  const added = (source: string): string => addToModule(source, 'app.module.ts', element);
  const importLine = "import { SessionModule } from 'nestjs-session-bag';";
  const head = "import { Module } from '@nestjs/common';";

  it.each([
    [
      'without imports',
      '@Module({\n  providers: [],\n})',
      '@Module({\n  imports: [\n    SessionModule.forRoot(),\n  ],\n  providers: [],\n})',
    ],
    ['empty', '@Module({})', '@Module({\n  imports: [\n    SessionModule.forRoot(),\n  ],})'],
    [
      'with an empty list',
      '@Module({ imports: [] })',
      '@Module({ imports: [\n    SessionModule.forRoot(),\n  ] })',
    ],
    [
      'with a short list',
      '@Module({ imports: [A, B] })',
      '@Module({ imports: [A, B, SessionModule.forRoot()] })',
    ],
    [
      'with a long list',
      '@Module({\n  imports: [\n    A,\n    B,\n  ],\n})',
      '@Module({\n  imports: [\n    A,\n    B,\n    SessionModule.forRoot(),\n  ],\n})',
    ],
    [
      'with a long list without the last comma',
      '@Module({\n  imports: [\n    A,\n    B\n  ]\n})',
      '@Module({\n  imports: [\n    A,\n    B,\n    SessionModule.forRoot()\n  ]\n})',
    ],
  ])('gets it: %s', (_, decorator, expected) => {
    const tail = '\nexport class AppModule {}\n';
    expect(added(`${head}\n\n${decorator}${tail}`)).toBe(
      `${head}\n${importLine}\n\n${expected}${tail}`,
    );
  });

  it('keeps the quotes of the file', () => {
    const source = 'import { Module } from "@nestjs/common";\n@Module({})\nclass A {}\n';
    expect(added(source)).toContain('import { SessionModule } from "nestjs-session-bag";');
  });

  it('keeps the line ends of the file', () => {
    const source = `${head}\n\n@Module({\n  imports: [\n    A,\n  ],\n})\nclass A {}\n`;
    const windows = source.replaceAll('\n', '\r\n');
    expect(added(windows)).toBe(added(source).replaceAll('\n', '\r\n'));
  });

  it('is left as it is where SessionModule stands in it', () => {
    const once = added(`${head}\n@Module({})\nclass A {}\n`);
    expect(added(once)).toBe(once);
    const apart = `${importLine}\nconst imports = [SessionModule.forRoot()];\n@Module({ imports })\nclass A {}`;
    expect(added(apart)).toBe(apart);
  });

  it('gets what is missing beside other imports of the package', () => {
    const types = "import type { Bag } from 'nestjs-session-bag';";
    expect(added(`${types}\n@Module({})\nclass A {}`)).toContain(`${types}\n${importLine}\n`);
    const unused = added(`${importLine}\n@Module({})\nclass A {}`);
    expect(unused.split(importLine)).toHaveLength(2);
    expect(unused).toContain('SessionModule.forRoot()');
  });

  it('is left to a person where its imports are no list, or only of the type', () => {
    const sources = [
      "import type { SessionModule } from 'nestjs-session-bag';\n@Module({})\nclass A {}",
      "import { type SessionModule } from 'nestjs-session-bag';\n@Module({})\nclass A {}",
      '@Module({ imports: modules })\nclass A {}',
      '@Module(metadata)\nclass A {}',
      'class A {}',
    ];
    for (const source of sources) expect(() => added(source)).toThrow(/add this by hand/);
  });
});
