/** Deeper than anything Microsoft sends, and far from where writing it as JSON would exhaust the stack. */
const deepest = 20;

/** Whether a value that was read from JSON can be stored and sent: neither too deep nor, as JSON, too long. A text counts as it is. */
export function isSmallJson(value: unknown, maxCharacters: number): boolean {
  if (typeof value === 'string') return value.length <= maxCharacters;
  return isShallow(value, deepest) && JSON.stringify(value).length <= maxCharacters;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}
