const nodePath = require('node:path');
const { importsOf, loadTypeScript } = require('./typescript.cjs');

/**
 * The file of the root module below `sourceRoot`: the one that main.ts hands to NestFactory, whose name
 * in a monorepo is that of its project; app.module.ts where main.ts does not say.
 */
exports.findRootModule = function findRootModule(tree, sourceRoot) {
  const usual = `${sourceRoot}/app.module.ts`;
  const main = `${sourceRoot}/main.ts`;
  if (!tree.exists(main)) return usual;
  const ts = loadTypeScript();
  const file = ts.createSourceFile(main, tree.readText(main), ts.ScriptTarget.Latest, true);
  const name = createdModule(ts, file);
  if (name === undefined) return usual;
  if (declares(ts, file, name)) return main;
  const specifier = specifierOf(ts, file, name);
  if (!specifier?.startsWith('.')) return usual;
  const path = nodePath.posix.join(sourceRoot, specifier).replace(/\.js$/, '');
  const found = [`${path}.ts`, `${path}/index.ts`].find((one) => tree.exists(one));
  return found ?? usual;
};

/** What `NestFactory.create(AppModule)` and the like are called with. */
function createdModule(ts, node) {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const [argument] = node.arguments;
    const isFactory = node.expression.expression.getText() === 'NestFactory';
    if (isFactory && argument && ts.isIdentifier(argument)) return argument.text;
  }
  return ts.forEachChild(node, (child) => createdModule(ts, child));
}

function declares(ts, file, name) {
  return file.statements.some(
    (statement) => ts.isClassDeclaration(statement) && statement.name?.text === name,
  );
}

function specifierOf(ts, file, name) {
  const declaration = importsOf(ts, file).find(({ importClause }) =>
    importClause?.namedBindings?.elements?.some((element) => element.name.text === name),
  );
  return declaration?.moduleSpecifier.text;
}
