import type { YAMLError } from 'yaml';

/** What people get wrong most often, in plain words. */
const words: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'this name stands in the same place a second time: keep one of them',
  TAB_AS_INDENT: 'this line is indented by a tab: use blanks',
  MULTIPLE_DOCS: 'a second document begins here ("---"): a catalog is one document',
};

/** Why a text is no YAML. */
export function syntaxFault({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  return words[code] ?? `this is not read as YAML: ${message}`;
}
