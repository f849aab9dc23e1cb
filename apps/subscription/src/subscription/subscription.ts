import type { Access, Cause, Snapshot, Stage, Status } from '@landfall/contracts';

/** An operation of Microsoft that has begun and whose end we have not seen. */
export interface OpenOperation {
  readonly operationId: string;
  readonly action: string;
}

/** A row of history: what changed, why, and on what evidence. It is written once and never touched again. */
export interface Transition {
  readonly version: number;
  readonly event: string;
  readonly cause: Cause;
  /** Set where an operation of Microsoft led to it. One operation may show several differences, each with a row of its own. */
  readonly operationId: string | null;
  readonly action: string | null;
  readonly from: { readonly planId: string; readonly quantity: number | null; readonly status: Status; readonly access: Access };
  readonly to: { readonly planId: string; readonly quantity: number | null; readonly status: Status; readonly access: Access };
  readonly observedAt: string;
}

/** Contact data of a purchase, encrypted for this room's own column: the domain passes it through unread. */
export interface EncryptedContact {
  readonly person: { readonly tenantId: string; readonly objectId: string };
  readonly encrypted: string;
}

/** All that is needed to decide about one subscription. */
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
  /** Why a set-up stands still and an operator is needed; null while all is well (rule 10). */
  readonly stuckBecause: string | null;
  /** The age of what we know: the `readAt` of the newest read that was applied (rule 2). */
  readonly knownAt: string;
  readonly openOperations: readonly OpenOperation[];
  /** Operations decided before, as `<operationId>/<action>`, the newest ones (rule 4); the table itself allows each but once. */
  readonly appliedOperations: readonly string[];
  /** Operations that this decision adds. */
  readonly newOperations: readonly OpenOperation[];
  /** The newest read that came while an operation was open; it is compared when that has ended (rule 2). */
  readonly held: { readonly snapshot: Snapshot; readonly readAt: string } | null;
  /** Rows of history that this decision adds. */
  readonly history: readonly Transition[];
  readonly contact: EncryptedContact | null;
}

/** What the customer may use: a fact of access, not of hope (rule 11). */
export function accessOf(status: Status, stage: Stage): Access {
  if (status === 'Unsubscribed') return 'ended';
  if (stage !== 'done') return 'none';
  return status === 'Suspended' ? 'limited' : 'full';
}

export const operationKey = (operationId: string, action: string): string => `${operationId}/${action}`;
