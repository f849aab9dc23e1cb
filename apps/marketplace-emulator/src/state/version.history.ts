import { limits } from '../limits';
import type { Clock } from '../time/clock';
import type { Document } from './document.store';
import { RingBuffer } from './ring.buffer';

/**
 * What documents were before they changed, in memory alone and up to a limit: for a time before that, the oldest known version is returned.
 * A version that a failed transaction brought back may be in it though it never ended, which gives the same answers.
 */
export class VersionHistory<T extends Document> {
  private readonly replaced = new RingBuffer<{ version: T; untilMs: number }>(limits.keptVersions);

  constructor(private readonly clock: Clock) {}

  /** To be called with a version when another takes its place; undefined: it is the first. */
  record(before: T | undefined): void {
    if (before) this.replaced.add({ version: before, untilMs: this.clock.now() });
  }

  clear(): void {
    this.replaced.clear();
  }

  /** The documents that were different at a time, by id. */
  differentAt(atMs: number): Map<string, T> {
    const versions = new Map<string, T>();
    for (const { version } of this.replaced.newest(limits.keptVersions, ({ untilMs }) => untilMs > atMs)) {
      if (!versions.has(version.id)) versions.set(version.id, version); // the oldest of those that ended later
    }
    return versions;
  }
}
