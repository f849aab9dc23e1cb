import type { LifeKind } from './lives';
import type { Cents } from './oracle';

/** A subscription whose invoice is not what its customer owes. */
export interface Difference {
  readonly kind: LifeKind;
  readonly subscriptionId: string;
  readonly owed: Record<string, string>;
  readonly invoiced: Record<string, string>;
}

/** What a run has seen. */
export interface RunReport {
  readonly seed: number;
  readonly subscriptions: number;
  readonly hours: number;
  readonly records: number;
  /** Of the emulator's invoices. */
  readonly events: number;
  readonly cents: string;
  /** How often each fault of Microsoft's has happened. */
  readonly faults: Readonly<Record<string, number>>;
  /** At which points a service was killed. */
  readonly kills: readonly string[];
  readonly differences: readonly Difference[];
  /** What the emulator's referee has found. */
  readonly breaches: readonly string[];
  readonly tookMs: number;
}

export const isGood = ({ differences, breaches }: RunReport): boolean => differences.length === 0 && breaches.length === 0;

/** For JSON, which has no such numbers. */
export const asText = (cents: Cents): Record<string, string> =>
  Object.fromEntries(Object.entries(cents).map(([name, value]) => [name, String(value)]));
