import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What the sources of `libs/contracts` say about a message and its fields. */
export interface Description {
  /** When the message comes, and what it means. */
  readonly text: string;
  /** By the path of a field in the data: `cause.source`. */
  readonly fields: ReadonlyMap<string, string>;
}

interface Declared {
  readonly text: string;
  readonly value: ts.Expression;
}

/** Kinds of text: the format says what they are. */
const kinds = new Set(['instant', 'day', 'uuid', 'line', 'lines']);

/**
 * Reads the docstrings of all messages, by type. They are written once, in the sources, where an editor shows them; the documents repeat them. A part that
 * several messages share is described where it is defined.
 */
export function readDescriptions(contractsDir: string): Map<string, Description> {
  const declared = new Map<string, Declared>();
  for (const file of readdirSync(contractsDir, { encoding: 'utf8', recursive: true }).filter(
    (name) => name.endsWith('.messages.ts') || name === 'shapes.ts' || name === join('usage', 'decimal.ts'),
  ))
    for (const [name, one] of declarationsIn(join(contractsDir, file))) declared.set(name, one);
  const descriptions = new Map<string, Description>();
  for (const { text, value } of declared.values()) {
    if (!ts.isCallExpression(value) || value.expression.getText() !== 'defineMessage') continue;
    const [type, schema] = value.arguments;
    if (!type || !schema || !ts.isStringLiteral(type)) continue;
    const fields = new Map<string, string>();
    describeFields(schema, '', declared, fields);
    descriptions.set(type.text, { text, fields });
  }
  return descriptions;
}

function declarationsIn(path: string): [string, Declared][] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations.flatMap(({ name, initializer }): [string, Declared][] => {
      if (!initializer || !ts.isIdentifier(name)) return [];
      return [[name.text, { text: docstringOf(statement), value: initializer }]];
    }),
  );
}

/** Walks an expression that makes a zod schema: what it names, what it is called on, and the objects that it is made of. */
function describeFields(node: ts.Node, path: string, declared: ReadonlyMap<string, Declared>, fields: Map<string, string>): void {
  const walk = (inner: ts.Node, at = path) => describeFields(inner, at, declared, fields);
  if (ts.isIdentifier(node)) {
    const known = declared.get(node.text);
    if (known) walk(known.value);
  } else if (ts.isPropertyAccessExpression(node)) walk(node.expression);
  else if (ts.isCallExpression(node)) {
    walk(node.expression);
    node.arguments.forEach((argument) => walk(argument));
  } else if (ts.isObjectLiteralExpression(node)) {
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) walk(property.expression);
      if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) continue;
      const at = path ? `${path}.${property.name.getText()}` : property.name.getText();
      const value = ts.isPropertyAssignment(property) ? property.initializer : property.name;
      const text = docstringOf(property) || namedDocstring(value, declared);
      if (text) fields.set(at, text);
      walk(value, at);
    }
  }
}

/** A field that is a shared part, such as `access`, `instant.nullable()` or `z.array(person)`, means what that part means. */
function namedDocstring(value: ts.Node, declared: ReadonlyMap<string, Declared>): string {
  if (ts.isIdentifier(value)) return kinds.has(value.text) ? '' : (declared.get(value.text)?.text ?? '');
  if (ts.isPropertyAccessExpression(value)) return namedDocstring(value.expression, declared);
  if (!ts.isCallExpression(value)) return '';
  return namedDocstring(value.expression, declared) || (value.arguments[0] ? namedDocstring(value.arguments[0], declared) : '');
}

function docstringOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replace(/\s*\n\s*/g, ' ').trim();
}
