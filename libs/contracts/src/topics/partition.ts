/**
 * The partition of a key: FNV-1a over its UTF-16 code units, modulo the number of partitions. It is the same number on every
 * topic. It is our own, so that no client library's partitioner can ever move a key; it must never change in the life of an installation.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % partitions;
}
