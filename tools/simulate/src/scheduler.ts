interface Entry {
  readonly atMs: number;
  readonly number: number;
  readonly act: () => void;
}

/** Simulated time, in milliseconds from the beginning of the run. What is scheduled for one moment happens in the order in which it was scheduled. */
export class Scheduler {
  nowMs = 0;
  /** A binary heap: the next entry is the first. */
  private readonly heap: Entry[] = [];
  private scheduled = 0;

  after(delayMs: number, act: () => void): void {
    this.at(this.nowMs + Math.max(0, delayMs), act);
  }

  at(atMs: number, act: () => void): void {
    const { heap } = this;
    const entry = { atMs, number: this.scheduled++, act };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  /** @throws Error after `atMost` acts: something schedules itself again without letting time pass */
  runUntil(endMs: number, atMost = 1_000_000): void {
    for (let acts = 0; this.heap[0] && this.heap[0].atMs <= endMs; acts++) {
      if (acts >= atMost) throw new Error(`The run did not come to ${endMs} ms within ${atMost} acts; it stands at ${this.nowMs} ms.`);
      const { atMs, act } = this.takeFirst();
      this.nowMs = atMs;
      act();
    }
    this.nowMs = endMs;
  }

  private takeFirst(): Entry {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

const isBefore = (one: Entry, other: Entry): boolean => one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
