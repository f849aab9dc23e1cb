import { plannedBy, subscriptionIndex, type Planned } from './operation.id';
import { after, beginsAs, shownOperation, shownSubscription, sold, type Held } from './purchased';

/** Microsoft decides by itself after so long (contract 4.5). */
const decidesAfterMs = 10_000;
const pageSize = 100;

interface Operation {
  readonly planned: Planned;
  readonly before: Held;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** PATCHes that were taken, and how many came in all. */
  patched: number;
  settledBy: 'patch' | 'clock' | 'itself' | null;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** What the bench reads at the end, to compare it with what was sent and what was published. */
export interface Seen {
  /** Calls by kind. */
  readonly calls: Record<string, number>;
  readonly operations: readonly { id: string; status: string; patched: number; settledBy: Operation['settledBy'] }[];
  /** What the subscriptions have that are not as they were sold. */
  readonly held: readonly (Held & { subscription: number })[];
}

/** What subscriptions and operations are at Microsoft. An operation exists from the first time that somebody asks for it: its id tells all of it. */
export class Marketplace {
  private readonly operations = new Map<string, Operation>();
  private readonly held = new Map<number, Held>();
  private readonly open = new Map<number, Set<string>>();
  private calls: Record<string, number> = {};

  constructor(private readonly subscriptions: number) {}

  count(call: string): void {
    this.calls[call] = (this.calls[call] ?? 0) + 1;
  }

  page(from: number, linkTo: (next: number) => string): Answer {
    this.count('list');
    const end = Math.min(from + pageSize, this.subscriptions);
    const subscriptions = Array.from({ length: end - from }, (_, place) => this.shown(from + place));
    return { status: 200, body: { subscriptions, ...(end < this.subscriptions && { '@nextLink': linkTo(end) }) } };
  }

  subscription(id: string): Answer {
    this.count('get-subscription');
    const index = subscriptionIndex(id);
    this.decideLate(index);
    return index < this.subscriptions ? { status: 200, body: this.shown(index) } : { status: 404 };
  }

  plans(): Answer {
    this.count('list-plans');
    return { status: 200, body: { plans: [] } };
  }

  outstanding(id: string): Answer {
    this.count('list-operations');
    const index = subscriptionIndex(id);
    this.decideLate(index);
    const operations = [...(this.open.get(index) ?? [])].map((operationId) => this.show(operationId, this.operations.get(operationId)!));
    return { status: 200, body: { operations } };
  }

  operation(id: string): Answer {
    this.count('get-operation');
    const operation = this.known(id);
    this.decideLate(operation.planned.subscription);
    return { status: 200, body: this.show(id, operation) };
  }

  patch(id: string, status: unknown): Answer {
    this.count(`patch-${String(status)}`);
    const operation = this.known(id);
    this.decideLate(operation.planned.subscription);
    operation.patched += 1;
    if (operation.status !== 'InProgress') return { status: 409, body: { error: { code: 'Conflict' } } };
    this.settle(id, operation, status === 'Success' ? 'Succeeded' : 'Failed', 'patch');
    return { status: 200 };
  }

  /** Tells and forgets the calls; operations stay. */
  seen(): Seen {
    const calls = this.calls;
    this.calls = {};
    return {
      calls,
      operations: [...this.operations].map(([id, { status, patched, settledBy }]) => ({ id, status, patched, settledBy })),
      held: [...this.held].map(([subscription, held]) => ({ ...held, subscription })),
    };
  }

  private known(id: string): Operation {
    const known = this.operations.get(id);
    if (known) return known;
    const planned = plannedBy(id);
    const before = this.held.get(planned.subscription) ?? sold;
    const operation: Operation = { planned, before, status: 'InProgress', patched: 0, settledBy: null };
    this.operations.set(id, operation);
    if (beginsAs(planned) === 'Succeeded') this.settle(id, operation, 'Succeeded', 'itself');
    else this.open.set(planned.subscription, (this.open.get(planned.subscription) ?? new Set()).add(id));
    return operation;
  }

  private settle(id: string, operation: Operation, status: 'Succeeded' | 'Failed', by: Operation['settledBy']): void {
    const { planned } = operation;
    Object.assign(operation, { status, settledBy: by });
    this.open.get(planned.subscription)?.delete(id);
    if (status === 'Succeeded') this.held.set(planned.subscription, after(this.held.get(planned.subscription) ?? sold, planned));
  }

  private decideLate(subscription: number): void {
    for (const id of this.open.get(subscription) ?? []) {
      const operation = this.operations.get(id)!;
      if (Date.now() - operation.planned.atMs > decidesAfterMs) this.settle(id, operation, 'Succeeded', 'clock');
    }
  }

  private show(id: string, { planned, status, before }: Operation) {
    return shownOperation(id, planned, status, before);
  }

  private shown(index: number) {
    return shownSubscription(index, this.held.get(index) ?? sold);
  }
}
