import type { Access, Cause, Member, Snapshot, Stage } from '@landfall/contracts';
import type { PassedMilestone } from '../deadline/passed.milestone';
import type { MemberState } from './member.state';

/** The record of a subscription: its row, as it is read and written. */
export interface Subscription extends Omit<Snapshot, 'subscriptionId'> {
  readonly id: string;
  readonly stage: Stage;
  readonly access: Access;
  /** Rises by one with every change. */
  readonly version: number;
  /** Counts the public events: 1, 2, 3 … without gaps. */
  readonly sequence: number;
  readonly imported: boolean;
  readonly tenantReference: string | null;
  /** `activated` has been published: it is, once, when there is access for the first time (rule 11). */
  readonly isActivated: boolean;
  /** Why the set-up does not go on without an operator; null while all is well (rule 10). */
  readonly failureReason: string | null;
  /** Why an operator rejected the purchase, as its customer is told; null in every other stage than `rejected`. */
  readonly rejectionReason: string | null;
  /** The newest request to cancel the rejected purchase: what becomes of an older one says nothing of it. Null in every other stage. */
  readonly cancellationRequestId: string | null;
  /** How old our knowledge is: the newest `Date` of an answer of Microsoft that we have seen. */
  readonly asOf: string;
  /** The first read. Members that have not changed since stand on it, and no read before it counts. */
  readonly firstReadNo: number;
  readonly firstReadDate: string;
  /** The newest `Date` of a counted read that showed Subscribed; null where none did. A suspension that was over before is not one of now (rule 13). */
  readonly lastSubscribedDate: string | null;
  /** Members that have changed since the first read (rule 2). */
  readonly members: Readonly<Partial<Record<Member, MemberState>>>;
  /** When Microsoft ends its newest suspension if nobody pays; null where there was none, or nobody told since when. */
  readonly graceEndsAt: string | null;
  /** What was done about its deadlines, so that nothing is told twice. */
  readonly passedMilestones: readonly PassedMilestone[];
  /** How many reads were ordered (rule 2). */
  readonly orderedReads: number;
}

/** Why something changed, and when. */
export interface DatedCause extends Cause {
  /** When it was true at Microsoft; null where unknown. */
  readonly effectiveAt: string | null;
  /** Where `effectiveAt` is unknown: between which instants of Microsoft's clock it became true. */
  readonly effectiveBetween?: { readonly from: string; readonly to: string };
  /** When we learnt it: the `Date` of the answer that showed it, or the time of the message. */
  readonly observedAt: string;
  /** What `actor` is, of a request of ours. It is in history alone. */
  readonly actorKind?: 'operator' | 'product';
  /** Microsoft's word, where an operation led to it. */
  readonly action?: string;
}
