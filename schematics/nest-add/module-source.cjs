const { importsOf, loadTypeScript } = require('./typescript.cjs');

const packageName = 'nestjs-session-bag';
const indent = '    ';

/**
 * The source of a module with SessionModule among its imports; unchanged if it imports that already.
 * Line ends are those of the source.
 *
 * @throws Error where a person has to do it
 */
exports.addToModule = function addToModule(source, path, element) {
  const ts = loadTypeScript();
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const metadata = findMetadata(ts, file);
  const imported = importOfModule(ts, file);
  if (imported === 'value' && /\bSessionModule\s*\./.test(source)) return source;
  // An import of the type alone cannot stand beside one of the class.
  if (metadata === undefined || imported === 'type') throw byHand(path, element);
  const insertions = [elementInsertion(ts, file, metadata, path, element)];
  if (imported === undefined) insertions.push(importInsertion(ts, file));
  const lineEnd = source.includes('\r\n') ? '\r\n' : '\n';
  return insertions
    .toSorted((a, b) => b.position - a.position)
    .reduce(
      (text, { position, insert }) =>
        text.slice(0, position) + insert.replaceAll('\n', lineEnd) + text.slice(position),
      source,
    );
};

/** How SessionModule is imported: `'value'`, `'type'`, or undefined. */
function importOfModule(ts, file) {
  for (const { moduleSpecifier, importClause } of importsOf(ts, file)) {
    if (moduleSpecifier.text !== packageName) continue;
    const elements = importClause?.namedBindings?.elements ?? [];
    const found = elements.find(({ name }) => name.text === 'SessionModule');
    if (found) return importClause.isTypeOnly || found.isTypeOnly ? 'type' : 'value';
  }
  return undefined;
}

/** The object in @Module() of the file's class. */
function findMetadata(ts, file) {
  for (const statement of file.statements) {
    if (!ts.isClassDeclaration(statement)) continue;
    for (const { expression } of ts.getDecorators(statement) ?? []) {
      const isModule =
        ts.isCallExpression(expression) && expression.expression.getText() === 'Module';
      const [argument] = isModule ? expression.arguments : [];
      if (argument && ts.isObjectLiteralExpression(argument)) return argument;
    }
  }
  return undefined;
}

function importInsertion(ts, file) {
  const last = importsOf(ts, file).at(-1);
  const quote = last?.moduleSpecifier.getText()[0] ?? "'";
  const line = `import { SessionModule } from ${quote}${packageName}${quote};`;
  return last ? { position: last.end, insert: `\n${line}` } : { position: 0, insert: `${line}\n` };
}

function elementInsertion(ts, file, metadata, path, element) {
  const property = metadata.properties.find((one) => one.name?.getText() === 'imports');
  if (property === undefined) {
    const insert = `\n  imports: [\n${indented(element)},\n  ],`;
    return { position: metadata.properties.pos, insert };
  }
  const list = property.initializer;
  if (list === undefined || !ts.isArrayLiteralExpression(list)) throw byHand(path, element);
  const { elements } = list;
  if (elements.length === 0) {
    return { position: elements.pos, insert: `\n${indented(element)},\n  ` };
  }
  const last = elements.at(-1);
  const isLong = file.text.slice(list.pos, list.end).includes('\n');
  const comma = elements.hasTrailingComma ? '' : ',';
  const position = elements.hasTrailingComma ? elements.end : last.end;
  if (!isLong) return { position: last.end, insert: `, ${element.replaceAll('\n', '\n  ')}` };
  return {
    position,
    insert: `${comma}\n${indented(element)}${elements.hasTrailingComma ? ',' : ''}`,
  };
}

function indented(element) {
  return element.replaceAll(/^/gm, indent);
}

function byHand(path, element) {
  return new Error(
    `The imports of the module in ${path} are not written as a list in @Module(), so add this by hand: ` +
      `import { SessionModule } from '${packageName}', and ${element} in the imports.`,
  );
}
