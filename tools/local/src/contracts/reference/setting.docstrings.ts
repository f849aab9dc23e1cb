import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const nameOfSetting = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/** What sources say of settings, by name. Where two say something of the same one, the later source counts. */
export function settingDocstrings(repository: string, sources: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of sources) {
    const source = ts.createSourceFile(path, readFileSync(join(repository, path), 'utf8'), ts.ScriptTarget.Latest, true);
    const walk = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && nameOfSetting.test(node.name.getText())) {
        const text = docstringOf(node);
        if (text) found.set(node.name.getText(), text);
      }
      ts.forEachChild(node, walk);
    };
    walk(source);
  }
  return found;
}

function docstringOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replace(/\s*\n\s*/g, ' ').trim();
}
