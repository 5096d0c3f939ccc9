/**
 * Who may know whom in `lib/`. A layer imports itself and what it names; `exceptions` and
 * `interfaces` stand below all others.
 */
const layers = {
  exceptions: [],
  interfaces: [],
  record: ['exceptions', 'interfaces'],
  adapters: ['exceptions', 'interfaces'],
  events: [],
  telemetry: ['events', 'exceptions'],
  store: ['events', 'record', 'adapters', 'exceptions', 'interfaces'],
  service: ['events', 'store', 'record', 'adapters', 'exceptions', 'interfaces'],
  http: ['events', 'service', 'store', 'record', 'adapters', 'exceptions', 'interfaces'],
  gateways: ['events', 'http', 'service', 'store', 'record', 'exceptions', 'interfaces'],
  decorators: ['service', 'exceptions'],
  module: [
    'decorators',
    'gateways',
    'telemetry',
    'http',
    'service',
    'store',
    'events',
    'record',
    'adapters',
    'exceptions',
    'interfaces',
  ],
  inspector: ['events', 'service', 'store', 'record', 'adapters', 'exceptions', 'interfaces'],
  terminus: ['service'],
  'express-session': ['adapters', 'exceptions', 'interfaces'],
  testing: ['decorators', 'http', 'service', 'adapters', 'exceptions', 'interfaces'],
  index: ['module', 'decorators', 'events', 'service', 'adapters', 'exceptions', 'interfaces'],
} as const satisfies Record<string, readonly string[]>;

export type Layer = keyof typeof layers;

/** The files beside the module that only wire things up: nothing but the module imports them. */
const wiring = [
  'adapter-lifecycle.ts',
  'client-answers.ts',
  'event-emitter-bridge.ts',
  'gateway-guards.ts',
  'injection-graph.ts',
  'kept-sessions.ts',
  'persistent-users.ts',
  'session-sweeper.ts',
  'session.starter.ts',
  'store-shutdown.ts',
];

/** The layer of a file of `lib/`; undefined for a folder that belongs to none. */
export function layerOf(file: string): Layer | undefined {
  const [, folder, nested] = file.split('/');
  if (nested !== undefined) return isLayer(folder) ? folder : undefined;
  if (folder === undefined) return undefined;
  if (folder === 'index.ts') return 'index';
  const isWiring = folder.startsWith('session.module') || wiring.includes(folder);
  return isWiring ? 'module' : 'service';
}

export function mayImport(from: Layer, to: Layer): boolean {
  const allowed: readonly string[] = layers[from];
  return from === to || allowed.includes(to);
}

const httpPackages = /^(node:http2?|node:https|express|fastify|@nestjs\/platform-.*)$/;
const pureBuiltIns = ['node:buffer', 'node:crypto', 'node:util', 'node:zlib'];

/** Whether a layer may import a package, or a module that Node.js brings along. */
export function mayImportPackage(from: Layer, name: string): boolean {
  if (from === 'record') return pureBuiltIns.includes(name);
  return from === 'http' || from === 'testing' || !httpPackages.test(name);
}

function isLayer(name: string | undefined): name is Layer {
  return name !== undefined && Object.hasOwn(layers, name);
}
