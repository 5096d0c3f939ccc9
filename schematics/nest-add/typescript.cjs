const { createRequire } = require('node:module');
const nodePath = require('node:path');

/** The application's own: where a package is installed strictly, this one cannot see it. */
exports.loadTypeScript = function loadTypeScript() {
  return createRequire(nodePath.join(process.cwd(), 'package.json'))('typescript');
};

exports.importsOf = function importsOf(ts, file) {
  return file.statements.filter((statement) => ts.isImportDeclaration(statement));
};
