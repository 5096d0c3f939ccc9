const { readFileSync } = require('node:fs');
const nodePath = require('node:path');
const { choices } = require('./choices.cjs');
const { addToModule } = require('./module-source.cjs');
const { findRootModule } = require('./root-module.cjs');

const own = JSON.parse(readFileSync(nodePath.join(__dirname, '../../package.json'), 'utf8'));

/**
 * `nest add nestjs-session-bag`: imports SessionModule in the root module and adds what the chosen
 * store needs to package.json. What is there already stays.
 *
 * It works on the tree that the Nest CLI brings, and needs none of the packages that made that.
 */
exports.nestAdd = function nestAdd({ adapter = 'memory', sourceRoot = 'src', ...options }) {
  const { module, skipInstall = false } = options;
  return (tree, context) => {
    const choice = Object.hasOwn(choices, adapter) ? choices[adapter] : undefined;
    if (choice === undefined) {
      throw new Error(`The adapter is one of ${Object.keys(choices).join(', ')}.`);
    }
    const path = module ? `${sourceRoot}/${module}` : findRootModule(tree, sourceRoot);
    addModule(tree, path, choice, context.logger);
    const areAdded = addPackages(tree, choice.packages);
    if (areAdded && !skipInstall) context.addTask(installTask);
    for (const hint of choice.hints) context.logger.info(hint);
    return tree;
  };
};

function addModule(tree, path, { element }, logger) {
  if (!tree.exists(path)) {
    throw new Error(
      `There is no ${path}. Name the file of the root module with --module, below --source-root.`,
    );
  }
  const source = tree.readText(path);
  const changed = addToModule(source, path, element);
  if (changed === source)
    logger.info(`${path} imports SessionModule already, and is left as it is.`);
  else tree.overwrite(path, changed);
}

/** Whether something was added. */
function addPackages(tree, names) {
  const path = 'package.json';
  const text = tree.readText(path);
  const manifest = JSON.parse(text);
  const known = { ...manifest.devDependencies, ...manifest.dependencies };
  const wanted = { [own.name]: `^${own.version}`, ...pick(own.peerDependencies, names) };
  const added = Object.entries(wanted).filter(([name]) => known[name] === undefined);
  if (added.length === 0) return false;
  const dependencies = { ...manifest.dependencies, ...Object.fromEntries(added) };
  const sorted = Object.entries(dependencies).toSorted(([a], [b]) => (a < b ? -1 : 1));
  manifest.dependencies = Object.fromEntries(sorted);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  tree.overwrite(path, `${JSON.stringify(manifest, null, 2)}\n`.replaceAll('\n', lineEnd));
  return true;
}

function pick(versions, names) {
  return Object.fromEntries(names.map((name) => [name, versions[name]]));
}

/** What the class NodePackageInstallTask of @angular-devkit/schematics makes. */
const installTask = {
  toConfiguration: () => ({
    name: 'node-package',
    options: { command: 'install', quiet: true, workingDirectory: '' },
  }),
};
