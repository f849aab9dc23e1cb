const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Microsoft's ids are GUIDs of no particular version. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}
