import { limits } from '../../limits';

interface Lane {
  ids: string[];
  /** Those before it were taken. */
  next: number;
  underWay: number;
}

/** A place that was given to a webhook; it is handed back by `leave`. */
export interface Place {
  operationId: string;
  address: string;
}

/**
 * Webhooks that are due and wait for a free place, in a lane per address. Every address has places of its own and the lanes take turns, so that an endpoint which
 * hangs holds up nobody but itself.
 */
export class DeliveryLanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly waiting = new Set<string>();
  private underWay = 0;

  /** How many wait for a place. */
  get size(): number {
    return this.waiting.size;
  }

  has(operationId: string): boolean {
    return this.waiting.has(operationId);
  }

  /** Queues a webhook at the end of its lane, unless it waits already. */
  add(operationId: string, address: string): void {
    if (this.waiting.has(operationId)) return;
    this.waiting.add(operationId);
    const lane = this.lanes.get(address);
    if (lane) lane.ids.push(operationId);
    else this.lanes.set(address, { ids: [operationId], next: 0, underWay: 0 });
  }

  /** Takes one out before its turn. */
  remove(operationId: string): void {
    this.waiting.delete(operationId); // its lane passes it over
  }

  /** A place for the next one, if one is free; at most `perAddress` of an address have one at a time. */
  enter(perAddress: number): Place | undefined {
    if (this.waiting.size === 0 || this.underWay >= limits.concurrentDeliveries) return undefined;
    for (const [address, lane] of this.lanes) {
      const operationId = lane.underWay < perAddress ? this.takeFrom(lane) : undefined;
      if (operationId === undefined) continue;
      this.lanes.delete(address);
      this.lanes.set(address, lane); // the others come first the next time
      lane.underWay++;
      this.underWay++;
      return { operationId, address };
    }
    return undefined;
  }

  leave({ address }: Place): void {
    const lane = this.lanes.get(address) as Lane;
    this.underWay--;
    lane.underWay--;
    if (lane.underWay === 0 && lane.next === lane.ids.length) this.lanes.delete(address);
  }

  /** Puts what waits into another order, lane by lane. */
  reorder(order: (operationIds: string[]) => string[]): void {
    for (const lane of this.lanes.values()) {
      lane.ids = order(lane.ids.slice(lane.next).filter((id) => this.waiting.has(id)));
      lane.next = 0;
    }
  }

  /** Forgets what waits. Places that are taken are still handed back. */
  clear(): void {
    this.waiting.clear();
    for (const lane of this.lanes.values()) lane.ids = [];
    for (const lane of this.lanes.values()) lane.next = 0;
    for (const [address, lane] of this.lanes) if (lane.underWay === 0) this.lanes.delete(address);
  }

  private takeFrom(lane: Lane): string | undefined {
    while (lane.next < lane.ids.length) {
      const operationId = lane.ids[lane.next++] as string;
      if (2 * lane.next >= lane.ids.length) {
        lane.ids = lane.ids.slice(lane.next); // seldom enough, and the list never holds more than twice what waits
        lane.next = 0;
      }
      if (this.waiting.delete(operationId)) return operationId;
    }
    return undefined;
  }
}
