import { createHash } from 'node:crypto';

/** The namespace of Landfall's own UUIDs (RFC 9562, version 5). */
const namespace = Buffer.from('6f1d1a3c4b5e4c0f9a7d2e8b6c3f5a10', 'hex');

/** UUIDv5 of the parts: the same parts always give the same id, whoever repeats the work. */
export function stableId(...parts: readonly (string | number)[]): string {
  const digest = createHash('sha1').update(namespace).update(parts.join('\n')).digest().subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
