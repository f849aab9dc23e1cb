import { Signal } from '../signal';
import type { FetchedRecord } from './reception';

interface Waiting<R> {
  readonly record: R;
  readonly generation: number;
  readonly since: number;
}

/** Where a partition is to be read from next. */
interface Offset {
  readonly partition: number;
  readonly offset: string;
}

/**
 * What Kafka delivered and the database has not yet taken. kafkajs fetches again only when every partition's handler has returned, so handlers
 * return at once and this window holds what waits; while it is full they wait. A generation is one assignment of partitions: with a new one
 * all that waits is dropped, since Kafka delivers it again from the committed offsets.
 */
export class DeliveryWindow<R extends FetchedRecord = FetchedRecord> {
  private waiting: Waiting<R>[] = [];
  /** What `take` gave last and `done` has not seen: it may be in a transaction. */
  private underWay: readonly R[] = [];
  private underWaySince = 0;
  /** Per partition the lowest offset that an earlier generation received and did not finish. */
  private readonly unfinished = new Map<number, { offset: bigint; isSought: boolean }>();
  private readonly doneOffsets = new Map<number, bigint>();
  /** What `takeOffsets` gave last of each partition. */
  private readonly takenOffsets = new Map<number, bigint>();
  private readonly filled = new Signal();
  private readonly emptied = new Signal();
  private currentGeneration = 0;

  private waitingBytes = 0;
  /** How many of those that wait are waited for. */
  private urgent = 0;
  private isStopping = false;

  /** At most so many records, and so many bytes of them. `mayWait`: nobody waits for the record, so that it may wait for others. */
  constructor(
    private readonly limit: number,
    private readonly limitBytes = Infinity,
    private readonly mayWait: (record: R) => boolean = () => false,
  ) {}

  get generation(): number {
    return this.currentGeneration;
  }

  get isFull(): boolean {
    return this.waiting.length >= this.limit || this.waitingBytes >= this.limitBytes;
  }

  /** How long the oldest record has waited, in milliseconds; one that is under way waits as well. */
  get oldestAgeMs(): number {
    const since = this.underWay.length > 0 ? this.underWaySince : this.waiting[0]?.since;
    return since === undefined ? 0 : performance.now() - since;
  }

  /** It takes all of a fetch, so it may grow over its limit by one fetch per partition. */
  put(records: readonly R[], generation: number): void {
    if (generation !== this.currentGeneration) return;
    const since = performance.now();
    for (const record of records) {
      this.waiting.push({ record, generation, since });
      this.waitingBytes += record.value.length;
      if (!this.mayWait(record)) this.urgent++;
    }
    this.filled.raise();
  }

  /**
   * The next records in order of arrival, up to a number and to the one with which the bytes are reached; none where nothing came within the time. What nobody waits for
   * is given when its first record has been here for `lingerMs`.
   */
  async take(limit: number, waitMs: number, limitBytes = Infinity, lingerMs = 0): Promise<{ records: R[]; generation: number }> {
    if (this.waiting.length === 0) await this.filled.wait(waitMs);
    await this.linger(lingerMs, limit);
    this.underWaySince = this.waiting[0]?.since ?? 0;
    let count = 0;
    for (let bytes = 0; count < Math.min(limit, this.waiting.length) && bytes < limitBytes; count++)
      bytes += this.waiting[count]!.record.value.length;
    const records = this.waiting.splice(0, count).map(({ record }) => record);
    for (const record of records) {
      this.waitingBytes -= record.value.length;
      if (!this.mayWait(record)) this.urgent--;
    }
    this.underWay = records;
    this.emptied.raise();
    return { records, generation: this.currentGeneration };
  }

  /** Lets what nobody waits for wait for others. It ends as soon as something comes that is waited for, or there is enough for a batch. */
  private async linger(lingerMs: number, batchSize: number): Promise<void> {
    while (this.waiting.length > 0 && this.waiting.length < batchSize && this.urgent === 0 && !this.isFull && !this.isStopping) {
      const leftMs = this.waiting[0]!.since + lingerMs - performance.now();
      if (leftMs <= 0) return;
      await this.filled.wait(leftMs);
    }
  }

  /** Resolves when something was taken, or after the time. */
  async untilTaken(waitMs: number): Promise<void> {
    await this.emptied.wait(waitMs);
  }

  /** The records are committed in the database: their offsets may be committed to Kafka. */
  done(records: readonly FetchedRecord[], generation: number): void {
    if (generation !== this.currentGeneration) return;
    this.underWay = [];
    for (const { partition, offset } of records) this.doneOffsets.set(partition, BigInt(offset) + 1n);
  }

  /** The offsets to commit since the last call. One that is lost costs a repetition, which is absorbed. */
  takeOffsets(): Offset[] {
    const offsets = [...this.doneOffsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    for (const [partition, offset] of this.doneOffsets) this.takenOffsets.set(partition, offset);
    this.doneOffsets.clear();
    return offsets;
  }

  /** They were taken in this generation and could not be committed: they are to be taken again, where nothing newer is done, or was taken since: that may be committed. */
  putBackOffsets(offsets: readonly Offset[], generation: number): void {
    if (generation !== this.currentGeneration) return;
    for (const { partition, offset } of offsets)
      if (!this.doneOffsets.has(partition) && this.takenOffsets.get(partition) === BigInt(offset))
        this.doneOffsets.set(partition, BigInt(offset));
  }

  /**
   * Where a partition must be read again from, if a fetch that began before the new assignment has come after it: kafkajs rejoins from inside of one
   * broker's fetch while those of other brokers are under way, and what was dropped with the old generation would be passed over. Asked once
   * per partition: what does not come then is not on the broker any more, or another copy has done it. Null where nothing is missing.
   */
  gapBefore(partition: number, offset: string): string | null {
    const missing = this.unfinished.get(partition);
    if (!missing) return null;
    if (BigInt(offset) <= missing.offset || missing.isSought) {
      this.unfinished.delete(partition);
      return null;
    }
    missing.isSought = true;
    return String(missing.offset);
  }

  /** A new assignment of partitions. */
  renew(): void {
    this.currentGeneration++;
    for (const { partition, offset } of [...this.underWay, ...this.waiting.map(({ record }) => record)])
      this.noteUnfinished(partition, BigInt(offset));
    this.underWay = [];
    this.waiting = [];
    this.waitingBytes = 0;
    this.urgent = 0;
    this.doneOffsets.clear();
    this.takenOffsets.clear();
    this.emptied.raise();
  }

  private noteUnfinished(partition: number, offset: bigint): void {
    const known = this.unfinished.get(partition)?.offset;
    this.unfinished.set(partition, { offset: known === undefined || offset < known ? offset : known, isSought: false });
  }

  /** Wakes whoever waits, because the consumer stops. */
  wake(): void {
    this.isStopping = true;
    this.filled.raise();
    this.emptied.raise();
  }
}
