import type { Received } from './received';
import { Wakeup } from './wakeup';

interface Waiting {
  readonly record: Received;
  readonly generation: number;
  readonly since: number;
}

/**
 * What Kafka delivered and the database has not yet taken. kafkajs fetches again only when every partition's handler has returned, so handlers
 * return at once and this window holds what waits; while it is full they wait. A generation is one assignment of partitions: with a new one
 * all that waits is dropped, since Kafka delivers it again from the committed offsets.
 */
export class DeliveryWindow {
  private waiting: Waiting[] = [];
  private readonly doneOffsets = new Map<number, bigint>();
  private readonly filled = new Wakeup();
  private readonly emptied = new Wakeup();
  private currentGeneration = 0;

  constructor(private readonly limit: number) {}

  get generation(): number {
    return this.currentGeneration;
  }

  get isFull(): boolean {
    return this.waiting.length >= this.limit;
  }

  /** How long the oldest record has waited, in milliseconds. */
  get oldestAgeMs(): number {
    return this.waiting[0] ? performance.now() - this.waiting[0].since : 0;
  }

  /** It takes all of a fetch, so it may grow over its limit by one fetch per partition. */
  put(records: readonly Received[], generation: number): void {
    if (generation !== this.currentGeneration) return;
    const since = performance.now();
    for (const record of records) this.waiting.push({ record, generation, since });
    this.filled.ring();
  }

  /** The next records in order of arrival; none where nothing came within the time. */
  async take(limit: number, waitMs: number): Promise<{ records: Received[]; generation: number }> {
    if (this.waiting.length === 0) await this.filled.wait(waitMs);
    const taken = this.waiting.splice(0, limit);
    this.emptied.ring();
    return { records: taken.map(({ record }) => record), generation: this.currentGeneration };
  }

  /** Resolves when something was taken, or after the time. */
  untilTaken(waitMs: number): Promise<void> {
    return this.emptied.wait(waitMs);
  }

  /** The records are committed in the database: their offsets may be committed to Kafka. */
  done(records: readonly Received[], generation: number): void {
    if (generation !== this.currentGeneration) return;
    for (const { lane, offset } of records) this.doneOffsets.set(lane, BigInt(offset) + 1n);
  }

  /** The offsets to commit since the last call. One that is lost costs a repetition, which is absorbed. */
  takeOffsets(): { lane: number; offset: string }[] {
    const offsets = [...this.doneOffsets].map(([lane, offset]) => ({ lane, offset: String(offset) }));
    this.doneOffsets.clear();
    return offsets;
  }

  /** A new assignment of partitions. */
  renew(): void {
    this.currentGeneration++;
    this.waiting = [];
    this.doneOffsets.clear();
    this.emptied.ring();
  }

  /** Wakes whoever waits, because the consumer stops. */
  wake(): void {
    this.filled.ring();
    this.emptied.ring();
  }
}
