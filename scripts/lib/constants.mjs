import ts from 'typescript';

/**
 * Gives the constants of a bundle their `const` back. The bundler makes a `var` of what stands at the top of a module; but V8
 * compiles the value of a const into the code that uses it, where a var is loaded and looked at each time, and inner loops
 * use many. What is assigned a second time stays a var. No column moves, for the source maps.
 * @param {string} code
 */
export function withConstants(code) {
  const file = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.ESNext, false);
  const changing = assignedIn(file);
  let text = '';
  let from = 0;
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement) || !isConstant(statement, changing)) continue;
    const [{ name, initializer }] = statement.declarationList.declarations;
    const start = statement.getStart(file);
    // `const` is longer by two, which are the spaces around the sign.
    if (!code.startsWith('var ', start)) continue;
    if (code.slice(name.getEnd(), initializer.getStart(file)) !== ' = ') continue;
    text += `${code.slice(from, start)}const ${code.slice(start + 4, name.getEnd())}=`;
    from = initializer.getStart(file);
  }
  return text + code.slice(from);
}

/** Whether it is one `var`, with a value that it keeps. */
function isConstant(statement, changing) {
  const { declarations } = statement.declarationList;
  const [{ name, initializer }] = declarations;
  return (
    declarations.length === 1 &&
    initializer !== undefined &&
    namesIn(name).every((each) => !changing.has(each))
  );
}

/** Names that are assigned or declared again anywhere, in an inner scope too. */
function assignedIn(file) {
  const names = new Set();
  const declared = new Set();
  const assigned = (target) => {
    for (const name of namesIn(target)) names.add(name);
  };
  const visit = (node) => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) assigned(node.left);
    else if (ts.isPostfixUnaryExpression(node) || isStep(node)) assigned(node.operand);
    else if (ts.isForInStatement(node) || ts.isForOfStatement(node)) assigned(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name } of statement.declarationList.declarations)
      for (const each of namesIn(name)) (declared.has(each) ? names : declared).add(each);
  }
  return names;
}

const isAssignment = (kind) =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

/** `++x` or `--x`. */
const isStep = (node) =>
  ts.isPrefixUnaryExpression(node) &&
  (node.operator === ts.SyntaxKind.PlusPlusToken ||
    node.operator === ts.SyntaxKind.MinusMinusToken);

/** The names that a target or a pattern gives a value to. What is set in an object or an array leaves its name alone. */
function namesIn(target) {
  if (ts.isIdentifier(target)) return [target.text];
  if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) return [];
  const names = [];
  ts.forEachChild(target, (child) => {
    names.push(...namesIn(child));
  });
  return names;
}
