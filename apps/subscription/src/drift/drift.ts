import { difference, type Cause, type DataOf, type DifferenceEnd, type Member, type subscriptionObserved } from '@landfall/contracts';

/** What of a subscription differs. `subscription`: all of it, which the record did not know, or which Microsoft's list leaves out. */
export type DriftingMember = Member | 'subscription';

/**
 * Why the record keeps its value although Microsoft shows another one. `shut`: it has changed a moment ago, and a copy may be late (rule 2). `echo`: it had that value
 * before, and more reads must agree (rule 2). `absorbed`: it has ended, and nothing revives it (rule 3). `stale`: nothing at Microsoft leads back there. `missing`: Microsoft's
 * list leaves it out, which ends nothing. `guarded`: it has ended at Microsoft together with so many others that an operator is asked first.
 */
export const keptReasons = ['shut', 'echo', 'absorbed', 'stale', ...difference.options] as const;
export type KeptReason = (typeof keptReasons)[number];

/** What the read was made for that found it. `operation`: a look at one of Microsoft's operations. `landing`: a customer came. */
export type DriftOccasion = DataOf<typeof subscriptionObserved>['occasion'] | 'operation' | 'landing';

/**
 * Our record had something else than Microsoft, and nothing had told us: what differed, since when, how it came to light, and how it ended. A member drifts once at a time: while its
 * drift is open, whatever finds it again adds to that.
 */
export interface Drift {
  readonly id: string;
  readonly member: DriftingMember;
  /** Null where the record did not know the subscription. */
  readonly ours: unknown;
  /** As it was shown last; null where Microsoft's list leaves the subscription out. */
  readonly microsofts: unknown;
  /** Between which instants of Microsoft's clock it came to differ; `from` is null where nobody knows. */
  readonly since: { readonly from: string | null; readonly to: string };
  /** The `Date` of the answer that showed it first, and last. */
  readonly foundAt: string;
  readonly lastFoundAt: string;
  readonly timesFound: number;
  readonly occasion: DriftOccasion;
  /** The sweep that found it; null where that was no sweep. */
  readonly reconciliationId: string | null;
  /** What is told as the cause of the difference. */
  readonly source: Cause['source'];
  /** The operation that explains it, perhaps learnt of later; null where none does. */
  readonly operationId: string | null;
  /** `repaired`: the record has taken over what Microsoft showed. `over`: Microsoft shows what the record has, or both have moved on. */
  readonly state: 'open' | 'repaired' | 'over';
  /** Why it was not repaired when it was found; null where it was. */
  readonly keptReason: KeptReason | null;
  /** When it ended, by Microsoft's clock; null while it is open. */
  readonly endedAt: string | null;
  /** The change that ended it: the type of its event, and the version that it made. Null where a read ended it without one. */
  readonly event: string | null;
  readonly version: number | null;
  /** How it ended without a read or a change: fulfillment said so. Null otherwise. */
  readonly endReason: DifferenceEnd | null;
}

/** A member of which an operation was learnt that had set it before: what was read then was announced late. */
export interface LateExplanation {
  readonly member: Member;
  readonly operationId: string;
  /** Microsoft's clock: the `Date` of the read that had set it, with which its drift was repaired. */
  readonly setAt: string;
}

export const isOpenDrift = ({ state }: Drift): boolean => state === 'open';
