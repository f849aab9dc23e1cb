import ts from 'typescript';

const isCode = /\.[cm]?[jt]sx?$/;

/** The names in a source file, each with the offset where it stands; nothing of its comments and strings. Another kind of file has none. */
export function namesIn(path, text) {
  if (!isCode.test(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const names = [];
  const visit = (node) => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) names.push({ name: node.text, offset: node.end - node.text.length });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
