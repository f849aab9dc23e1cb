import type { Operation } from '@landfall/fulfillment/decisions';
import { msOf } from '../time';

interface Row {
  readonly operation: Operation;
  readonly firstLookMs: number;
  readonly shownSinceMs: number | null;
  readonly goneSinceMs: number | null;
}

/** Stands in for fulfillment's table of operations: it keeps since when, and gives ages, by the one clock of the database. */
export class Operations {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly nowMs: () => number) {}

  load(key: string): Operation | undefined {
    const row = this.rows.get(key);
    if (!row) return undefined;
    const { operation, firstLookMs, shownSinceMs, goneSinceMs } = row;
    const receivedMs = this.ageOf(operation.receivedAt === null ? firstLookMs : msOf(operation.receivedAt));
    return { ...operation, receivedMs, ageMs: this.ageOf(firstLookMs), shownMs: this.ageOf(shownSinceMs), goneMs: this.ageOf(goneSinceMs) };
  }

  /** What begins to be shown, or is gone, does so now; what was so already keeps its time. One that is looked at anew is as young as at first. */
  save(key: string, operation: Operation): void {
    const known = this.rows.get(key);
    const nowMs = this.nowMs();
    this.rows.set(key, {
      operation,
      firstLookMs: known && !isAnew(known.operation, operation) ? known.firstLookMs : nowMs,
      shownSinceMs: operation.shownMs === null ? null : (known?.shownSinceMs ?? nowMs),
      goneSinceMs: operation.goneMs === null ? null : (known?.goneSinceMs ?? nowMs),
    });
  }

  /** Those of one action, the newest first. */
  newestOf(action: string): Operation[] {
    const known = [...this.rows.values()].map(({ operation }) => operation).filter((one) => one.action === action);
    return known.sort((one, other) => ((one.timeStamp ?? '') < (other.timeStamp ?? '') ? 1 : -1));
  }

  /** Those that have ended, in the order in which they began. */
  get ended(): readonly Operation[] {
    const known = [...this.rows.values()].map(({ operation }) => operation).filter(({ settled }) => settled !== null);
    return known.sort((one, other) => ((one.timeStamp ?? '') < (other.timeStamp ?? '') ? -1 : 1));
  }

  /** Those whose end is still awaited, with the moment of their first look. */
  get unended(): readonly { readonly operation: Operation; readonly firstLookMs: number }[] {
    return [...this.rows.values()].filter(({ operation }) => operation.settled === null);
  }

  private ageOf(sinceMs: number): number;
  private ageOf(sinceMs: number | null): number | null;
  private ageOf(sinceMs: number | null): number | null {
    return sinceMs === null ? null : Math.round(this.nowMs() - sinceMs);
  }
}

const isAnew = (known: Operation, saved: Operation): boolean =>
  (known.settled !== null && saved.settled === null) ||
  (known.answeredAt !== null && saved.answeredAt! > known.answeredAt) ||
  (known.receivedAt === null && saved.receivedAt !== null);
