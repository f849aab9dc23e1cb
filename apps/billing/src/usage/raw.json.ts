interface WithSource {
  readonly source?: string;
}

/** How the number `name` in the member `holder` of a JSON object is written: the double that it was read as has lost that. Undefined where there is none. */
export function numberAsWritten(text: string, holder: string, name: string): string | undefined {
  const sources = new Map<unknown, string>();
  const read = JSON.parse(text, function (this: unknown, key: string, member: unknown, context?: WithSource) {
    if (key === name && context?.source !== undefined) sources.set(this, context.source);
    return member;
  }) as Readonly<Record<string, unknown>>;
  return sources.get(read[holder]);
}

/** The elements of a JSON list as they are written. The text must be JSON, and a list. */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let from = text.indexOf('[') + 1;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (depth > 0) {
      if (character === '}' || character === ']') depth--;
    } else if (character === ',' || character === ']') {
      const element = text.slice(from, at).trim();
      if (element !== '') elements.push(element);
      from = at + 1;
    }
  }
  return elements;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"' && at < text.length) at += text[at] === '\\' ? 2 : 1;
  return at;
}
