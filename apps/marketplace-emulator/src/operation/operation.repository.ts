import { limits } from '../limits';
import type { Collection } from '../state/document.store';
import { VersionHistory } from '../state/version.history';
import type { Clock } from '../time/clock';
import { isOpen, type Operation } from './operation';

/** All operations, and those of one subscription in their order. */
export class OperationRepository {
  private readonly bySubscription = new Map<string, string[]>();

  /** What they were before. */
  readonly versions: VersionHistory<Operation>;

  constructor(
    private readonly operations: Collection<Operation>,
    clock: Clock,
  ) {
    this.versions = new VersionHistory(clock);
    operations.whenLoaded(() => {
      this.versions.clear();
      this.bySubscription.clear();
      for (const operation of operations.values()) this.index(operation);
    });
  }

  get(id: string): Operation | undefined {
    return this.operations.get(id.toLowerCase());
  }

  put(operation: Operation): Operation {
    const before = this.operations.get(operation.id);
    if (before) this.versions.record(before);
    else this.index(operation);
    this.operations.put(operation);
    this.forgetOldest(operation.subscriptionId);
    return operation;
  }

  /** Oldest first. */
  ofSubscription(subscriptionId: string): Operation[] {
    const ids = this.bySubscription.get(subscriptionId) ?? [];
    return ids.map((id) => this.operations.get(id)).filter((operation) => operation !== undefined);
  }

  private index(operation: Operation): void {
    const ids = this.bySubscription.get(operation.subscriptionId);
    if (ids) ids.push(operation.id);
    else this.bySubscription.set(operation.subscriptionId, [operation.id]);
  }

  private forgetOldest(subscriptionId: string): void {
    const ids = this.bySubscription.get(subscriptionId) ?? [];
    if (ids.length <= limits.keptOperationsPerSubscription) return;
    const oldest = ids.findIndex((id) => {
      const operation = this.operations.get(id);
      return !operation || !isOpen(operation);
    });
    for (const id of ids.splice(oldest, 1)) this.operations.delete(id);
  }
}
