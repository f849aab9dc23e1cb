import { limits } from '../../limits';

interface AddressQueue {
  ids: string[];
  /** Those before it were taken. */
  next: number;
  underWay: number;
}

/** A slot that was given to a webhook; it is handed back by `release`. */
export interface Slot {
  operationId: string;
  address: string;
}

/**
 * Webhooks that are due and wait for a free slot, in a queue per address. Every address has slots of its own and the queues take turns, so
 * that an endpoint which hangs delays only its own webhooks.
 */
export class DeliveryQueues {
  private readonly queues = new Map<string, AddressQueue>();
  private readonly waiting = new Set<string>();
  private underWay = 0;

  /** How many wait for a slot. */
  get size(): number {
    return this.waiting.size;
  }

  has(operationId: string): boolean {
    return this.waiting.has(operationId);
  }

  /** Queues a webhook at the end of its queue, unless it waits already. */
  add(operationId: string, address: string): void {
    if (this.waiting.has(operationId)) return;
    this.waiting.add(operationId);
    const queue = this.queues.get(address);
    if (queue) queue.ids.push(operationId);
    else this.queues.set(address, { ids: [operationId], next: 0, underWay: 0 });
  }

  /** Takes one out before its turn. */
  remove(operationId: string): void {
    this.waiting.delete(operationId); // its queue passes it over
  }

  /** A slot for the next one, if one is free; at most `perAddress` of an address have one at a time. */
  acquire(perAddress: number): Slot | undefined {
    if (this.waiting.size === 0 || this.underWay >= limits.concurrentDeliveries) return undefined;
    for (const [address, queue] of this.queues) {
      const operationId = queue.underWay < perAddress ? this.takeFrom(queue) : undefined;
      if (operationId === undefined) continue;
      this.queues.delete(address);
      this.queues.set(address, queue); // the other queues come first the next time
      queue.underWay++;
      this.underWay++;
      return { operationId, address };
    }
    return undefined;
  }

  release({ address }: Slot): void {
    const queue = this.queues.get(address) as AddressQueue;
    this.underWay--;
    queue.underWay--;
    if (queue.underWay === 0 && queue.next === queue.ids.length) this.queues.delete(address);
  }

  /** Puts what waits into another order, queue by queue. */
  reorder(order: (operationIds: string[]) => string[]): void {
    for (const queue of this.queues.values()) {
      queue.ids = order(queue.ids.slice(queue.next).filter((id) => this.waiting.has(id)));
      queue.next = 0;
    }
  }

  /** Forgets what waits. Places that are taken are still handed back. */
  clear(): void {
    this.waiting.clear();
    for (const queue of this.queues.values()) queue.ids = [];
    for (const queue of this.queues.values()) queue.next = 0;
    for (const [address, queue] of this.queues) if (queue.underWay === 0) this.queues.delete(address);
  }

  private takeFrom(queue: AddressQueue): string | undefined {
    while (queue.next < queue.ids.length) {
      const operationId = queue.ids[queue.next++] as string;
      if (2 * queue.next >= queue.ids.length) {
        queue.ids = queue.ids.slice(queue.next); // seldom enough, and the list never holds more than twice what waits
        queue.next = 0;
      }
      if (this.waiting.delete(operationId)) return operationId;
    }
    return undefined;
  }
}
