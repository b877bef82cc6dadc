// Members of classes and interfaces that no code reads, tests aside: knip sees exports, not these. A part of `npm run check`.
//
// A member is read where it is called, accessed, destructured or tested for with `in`. A value that is used as another
// type (an argument, a result, an assignment, `implements`) passes on what is read through that type; what goes to a
// library, or to `unknown`, counts as read. So nothing is named that has a reader; what is named only might have one
// through a name computed at run time, and then says so below.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './lib/install.mjs';

/** Read by nobody here, and there for a reason. */
const kept = new Map([
  ['Secret.toString', 'a secret never turns into a text by accident'],
  ['Secret.toJSON', 'a secret never turns into a text by accident'],
  ['Batch.isBatch', 'reads the mark that keeps look-alikes from being a batch'],
  ['Delivery.isDelivery', 'reads the mark that keeps look-alikes from being a delivery'],
  ['Pump.apiVersion', 'read of what a package exports, before that is known to be a pump'],
  ['Delivery.except', 'of the kit: for pumps from outside'],
  ['Delivery.verdicts', 'of the kit: for the tests of pumps'],
  ['CommandIo.log', 'of the kit: for commands that work as a source does'],
  ['ServiceContext.route', 'of the kit: for pumps from outside'],
  ['LoginAnswer.lifetime', 'as the protocol has it'],
  ['TimeId.year', 'written as a whole'],
  ['TimeId.month', 'written as a whole'],
  ['TimeId.day', 'written as a whole'],
  ['TimeId.hour', 'written as a whole'],
  ['Dimension.json', 'what MDCB calls it, for the hybrid pump'],
  ['Open.start', 'read as of an Aggregate'],
  ['Open.timeId', 'read as of an Aggregate'],
  ['Open.orgId', 'read as of an Aggregate'],
  ['Open.apiId', 'read as of an Aggregate'],
  ['GeoIp.settled', 'a test waits for a file to be read'],
  ['GeoIpState.problem', 'a test sees what the log says once'],
  ['Preview.type', 'printed, as JSON'],
  ['AdminServer.port', 'a test listens on any port that is free'],
]);

const isTest = (file) =>
  /(\.test|\.testing)\.ts$|\/testing\.ts$|\/testing\/|\.test\.m?ts$|^test\//.test(file);

const { fileNames, options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
);
const sources = fileNames.filter((name) => !isTest(path.relative(root, name)));

// As the other checks on a developer's machine: nothing has changed since it last passed.
const passed = path.join(root, '.cache', 'check', 'unread-members');
const hash = createHash('sha256');
for (const name of [import.meta.filename, ...sources]) hash.update(name).update(readFileSync(name));
const state = hash.digest('hex');
const isFromNothing = process.env.CI !== undefined && process.env.CI !== '';
if (!isFromNothing && lastPassed() === state) process.exit(0);

const nameOf = (file) => path.relative(root, file.fileName);
const program = ts.createProgram(sources, {
  ...options,
  incremental: false,
  tsBuildInfoFile: undefined,
});
const checker = program.getTypeChecker();
const ours = program
  .getSourceFiles()
  .filter((file) => !file.isDeclarationFile && !isTest(nameOf(file)));

/** Declarations that are read. */
const read = new Set();
/** Declaration → those that are read where it is. */
const follows = new Map();
const related = new Set();

const declarationsOf = (symbol) => symbol?.declarations ?? [];
const partsOf = (type) => (type.isUnion() ? type.types : [type]);
const isObject = (type) =>
  (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection | ts.TypeFlags.TypeParameter)) !==
  0;

function markAll(type) {
  for (const part of partsOf(type))
    if (isObject(part))
      for (const property of part.getProperties()) declarationsOf(property).forEach(mark);
}

function mark(declaration) {
  read.add(declaration);
}

function markNamed(type, name) {
  for (const part of partsOf(type))
    declarationsOf(checker.getPropertyOfType(part, name)).forEach(mark);
}

/** A value of the type `from` is used as `to`. */
function relate(from, to, depth = 0) {
  if (from === to || depth > 3) return;
  const pair = `${from.id} ${to.id}`;
  if (related.has(pair)) return;
  related.add(pair);
  if (to.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive))
    return expose(from, depth);
  const targets = partsOf(to).filter(isObject);
  const sources = partsOf(from).filter(isObject);
  for (const target of targets)
    for (const source of sources) if (source !== target) relateParts(source, target, depth);
}

/** Whoever has it may read all of it. */
function expose(type, depth) {
  if (depth > 3) return;
  for (const part of partsOf(type)) {
    if (!isObject(part) || related.has(part)) continue;
    related.add(part);
    for (const property of part.getProperties()) {
      declarationsOf(property).forEach(mark);
      if (declarationsOf(property).some(isOurs))
        expose(checker.getTypeOfSymbol(property), depth + 1);
    }
    const element = checker.getIndexTypeOfType(part, ts.IndexKind.Number);
    if (element !== undefined) expose(element, depth + 1);
  }
}

const isOurs = (declaration) => !declaration.getSourceFile().isDeclarationFile;

function relateParts(from, to, depth) {
  for (const wanted of to.getProperties()) {
    const given = checker.getPropertyOfType(from, wanted.name);
    if (given === undefined) continue;
    for (const through of declarationsOf(wanted))
      for (const declaration of declarationsOf(given)) {
        if (!isOurs(through)) mark(declaration);
        else if (through !== declaration) {
          const some = follows.get(through) ?? new Set();
          follows.set(through, some.add(declaration));
        }
      }
    if (declarationsOf(given).some(isOurs))
      relate(checker.getTypeOfSymbol(given), checker.getTypeOfSymbol(wanted), depth + 1);
  }
  if (from.target !== undefined && from.target === to.target)
    for (const [index, argument] of checker.getTypeArguments(from).entries())
      relate(argument, checker.getTypeArguments(to)[index] ?? argument, depth + 1);
  const [call] = from.getCallSignatures();
  const [wanted] = to.getCallSignatures();
  if (call === undefined || wanted === undefined) return;
  relate(call.getReturnType(), wanted.getReturnType(), depth + 1);
  for (const [index, parameter] of call.parameters.entries()) {
    const other = wanted.parameters[index];
    if (other !== undefined)
      relate(checker.getTypeOfSymbol(other), checker.getTypeOfSymbol(parameter), depth + 1);
  }
}

const isWritten = (node) =>
  ts.isBinaryExpression(node.parent) &&
  node.parent.left === node &&
  node.parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;

function visit(node) {
  if (ts.isTypeNode(node)) return;
  if (ts.isPropertyAccessExpression(node)) {
    if (!isWritten(node, node))
      declarationsOf(checker.getSymbolAtLocation(node.name)).forEach(mark);
  } else if (ts.isElementAccessExpression(node)) {
    const type = checker.getTypeAtLocation(node.expression);
    const names = partsOf(checker.getTypeAtLocation(node.argumentExpression));
    for (const name of names)
      if (name.isStringLiteral()) markNamed(type, name.value);
      else if (
        name.flags &
        (ts.TypeFlags.StringLike | ts.TypeFlags.TypeParameter | ts.TypeFlags.Index)
      )
        markAll(type);
  } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = node.propertyName ?? node.name;
    if (node.dotDotDotToken === undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)))
      markNamed(checker.getTypeAtLocation(node.parent), name.text);
  } else if (ts.isBinaryExpression(node)) {
    if (node.operatorToken.kind === ts.SyntaxKind.InKeyword && ts.isStringLiteral(node.left))
      markNamed(checker.getTypeAtLocation(node.right), node.left.text);
    if (node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
      relate(checker.getTypeAtLocation(node.right), checker.getTypeAtLocation(node.left));
  } else if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    for (const clause of node.heritageClauses ?? [])
      for (const base of clause.types)
        relate(checker.getTypeAtLocation(node), checker.getTypeAtLocation(base));
  } else if (ts.isAsExpression(node)) {
    relate(checker.getTypeAtLocation(node.expression), checker.getTypeAtLocation(node));
  } else if (ts.isSatisfiesExpression(node)) {
    const [given, wanted] = [node.expression, node.type].map((each) =>
      checker.getTypeAtLocation(each),
    );
    relate(given, wanted);
    relate(wanted, given);
  }
  if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isPropertyDeclaration(node))
    if (node.initializer !== undefined && !ts.isBindingPattern(node.name))
      relate(checker.getTypeAtLocation(node.initializer), checker.getTypeAtLocation(node));
  // What is taken apart at once is read by its names, above.
  const isTakenApart = node.parent?.name !== undefined && ts.isBindingPattern(node.parent.name);
  if (ts.isExpression(node) && !ts.isLiteralExpression(node) && !isTakenApart) {
    const wanted = checker.getContextualType(node);
    if (wanted !== undefined) relate(checker.getTypeAtLocation(node), wanted);
  }
  ts.forEachChild(node, visit);
}

for (const file of ours) visit(file);
for (const declaration of read) for (const more of follows.get(declaration) ?? []) read.add(more);

const unread = [];
for (const file of ours.filter((each) => /^(src|pumps)\//.test(nameOf(each))))
  (function look(node) {
    if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
      for (const member of node.members) {
        const { name } = member;
        if (name === undefined || !ts.isIdentifier(name) || read.has(member)) continue;
        const called = `${node.name?.text}.${name.text}`;
        if (kept.has(called)) continue;
        const { line } = file.getLineAndCharacterOfPosition(member.getStart());
        unread.push(`${nameOf(file)}:${line + 1} ${called}`);
      }
    ts.forEachChild(node, look);
  })(file);

for (const each of unread) console.log(each);
if (unread.length > 0) {
  console.log(
    '\nNothing reads these, tests aside. Take them away, or say in scripts/unread-members.mjs why they stay.',
  );
  process.exitCode = 1;
} else {
  mkdirSync(path.dirname(passed), { recursive: true });
  writeFileSync(passed, state);
}

function lastPassed() {
  try {
    return readFileSync(passed, 'utf8');
  } catch {
    return undefined;
  }
}
