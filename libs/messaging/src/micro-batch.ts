/** More is waiting than can be written in time, or what is being written hangs. Whether the item is stored is unknown; the caller may try again. */
export class Overloaded extends Error {
  readonly code = 'OVERLOADED';
  readonly retriable = true;
}

export interface MicroBatchLimits<Item = unknown> {
  /** Items written together. Default 200. */
  readonly size?: number;
  /** Items waiting; the next one is refused. Default 5,000. */
  readonly limit?: number;
  /** How much memory an item takes, where that differs much; without it items are bounded by their number alone. */
  readonly bytesOf?: (item: Item) => number;
  /** Bytes written together, and no more than the one item with which they are reached. Default 4 MiB. */
  readonly sizeBytes?: number;
  /** Bytes waiting; the next item is refused. Default 32 MiB. */
  readonly limitBytes?: number;
  /** An item that has waited longer is refused instead of written: its caller is about to give up. Default 2 s. */
  readonly maxAgeMs?: number;
  /** From `add` to its end, also while the item is being written. Default 3.5 s. */
  readonly limitMs?: number;
  /** How long the first of a batch waits for others, for what nobody waits for; a full batch waits no longer. Default 0: a caller alone waits for one commit. */
  readonly lingerMs?: number;
}

const defaultLimits = {
  ...{ size: 200, limit: 5000, maxAgeMs: 2000, limitMs: 3500, lingerMs: 0 },
  ...{ bytesOf: () => 0, sizeBytes: 4 * 1024 * 1024, limitBytes: 32 * 1024 * 1024 },
} satisfies Required<MicroBatchLimits>;

/** One result per item, in their order; a writer without results may return nothing. */
type Written<Result> = Result[] | (void extends Result ? void : never);

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly since: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Collects what concurrent requests want to write and writes it together. No timer, unless it is to linger: a flush starts when the one before it returned, so one
 * caller waits for one commit and a crowd shares one. When `write` throws, all of its items are rejected with that error.
 */
export class MicroBatch<Item, Result = void> {
  private readonly limits: Required<MicroBatchLimits<Item>>;
  private waiting: Waiting<Item, Result>[] = [];
  private writing: readonly Waiting<Item, Result>[] = [];
  private waitingBytes = 0;
  private flushing = false;
  private lingering: NodeJS.Timeout | undefined;
  /** One for all items: it is due with the oldest of them. */
  private overdue: NodeJS.Timeout | undefined;

  constructor(
    private readonly write: (items: Item[]) => Promise<Written<Result>>,
    limits: MicroBatchLimits<Item> = {},
  ) {
    this.limits = { ...defaultLimits, ...limits };
  }

  /** Resolves when the item is committed. Rejects with `Overloaded` beyond the limits, of time as well: nobody waits for a flush that hangs. */
  add(item: Item): Promise<Result> {
    const { limit, limitBytes, bytesOf } = this.limits;
    if (this.waiting.length >= limit) return Promise.reject(new Overloaded(`${limit} items are waiting already`));
    if (this.waitingBytes >= limitBytes) return Promise.reject(new Overloaded(`${limitBytes} bytes are waiting already`));
    return new Promise((resolve, reject) => {
      const bytes = bytesOf(item);
      this.waiting.push({ item, bytes, since: performance.now(), resolve, reject });
      this.waitingBytes += bytes;
      if (!this.overdue) this.rejectAfter(this.limits.limitMs);
      if (!this.flushing) this.begin();
    });
  }

  /** Lingers no more: what waits is written at once. */
  hurry(): void {
    clearTimeout(this.lingering);
    this.lingering = undefined;
    if (!this.flushing) void this.flush();
  }

  /** Flush never rejects: each failure goes to those who wait for it. */
  private begin(): void {
    const { lingerMs, size } = this.limits;
    if (lingerMs === 0) {
      this.flushing = true;
      setImmediate(() => void this.flush());
    } else if (this.waiting.length >= size) this.hurry();
    else this.lingering ??= setTimeout(() => this.hurry(), lingerMs);
  }

  /** However long its batch is under way, an item's own wait ends. */
  private rejectAfter(ms: number): void {
    if (ms < Infinity) this.overdue = setTimeout(() => this.rejectOverdue(), ms);
  }

  private rejectOverdue(): void {
    const { limitMs } = this.limits;
    const due = performance.now() - limitMs;
    const all = [...this.writing, ...this.waiting];
    for (const { since, reject } of all) if (since <= due) reject(new Overloaded(`not committed within ${limitMs} ms`));
    const next = all.find(({ since }) => since > due);
    this.overdue = undefined;
    if (next) this.rejectAfter(next.since - due);
  }

  private async flush(): Promise<void> {
    this.flushing = true;
    while (this.waiting.length > 0) {
      this.writing = this.next().filter((entry) => this.isYoungEnough(entry));
      if (this.writing.length > 0) await this.writeAll(this.writing);
    }
    this.writing = [];
    this.flushing = false;
    clearTimeout(this.overdue);
    this.overdue = undefined;
  }

  /** Takes the first items, up to their number and to the one with which the bytes are reached. */
  private next(): Waiting<Item, Result>[] {
    const { size, sizeBytes } = this.limits;
    let [count, bytes] = [0, 0];
    while (count < Math.min(size, this.waiting.length) && bytes < sizeBytes) bytes += this.waiting[count++]!.bytes;
    this.waitingBytes -= bytes;
    return this.waiting.splice(0, count);
  }

  private isYoungEnough(entry: Waiting<Item, Result>): boolean {
    const { maxAgeMs } = this.limits;
    if (performance.now() - entry.since <= maxAgeMs) return true;
    entry.reject(new Overloaded(`not written within ${maxAgeMs} ms`));
    return false;
  }

  private async writeAll(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.write(batch.map((entry) => entry.item));
      if (results && results.length !== batch.length) throw new Error(`write returned ${results.length} results for ${batch.length} items`);
      batch.forEach((entry, index) => entry.resolve(results ? results[index]! : (undefined as Result)));
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}
