import type { OperationStatus, Snapshot, operationDecided, operationSettled, DataOf } from '@landfall/contracts';

export type Verdict = DataOf<typeof operationDecided>['verdict'];
export type Settled = DataOf<typeof operationSettled>['settled'];

/** Which operation: Microsoft was seen to use one id for more than one action, so the action belongs to the identity (rule 4). */
export interface OperationReference {
  readonly subscriptionId: string;
  readonly operationId: string;
  readonly action: string;
}

/** One operation of Microsoft as this room follows it: what confirmed it, what was decided and answered, how it ended. */
export interface Operation extends OperationReference {
  /** `Azure` or `Partner` (our own request, never acknowledged by PATCH); null where nobody said. */
  readonly source: string | null;
  /** As it was when verified; null where only the subscription proved it, or nothing did. */
  readonly operationStatus: OperationStatus | null;
  readonly planId: string | null;
  readonly quantity: number | null;
  readonly receivedAt: string;
  /** When a decision is acknowledged although nobody saw our answer to the webhook leave. */
  readonly acknowledgeBy: string;
  /** `unverifiable`: Microsoft did not confirm it within the limit, so the subscription was observed instead. */
  readonly verification: 'verified' | 'unverifiable';
  readonly verifiedAt: string;
  readonly verdict: Verdict | null;
  readonly answeredAt: string | null;
  readonly settled: Settled | null;
  /** Since when Microsoft calls it Succeeded and its subscription does not show it; null where that was not seen. */
  readonly unshownSince: string | null;
}

/** Microsoft's operation as Get Operation shows it (contract 3.10). */
export interface SeenOperation {
  readonly subscriptionId: string;
  readonly action: string;
  readonly status: OperationStatus;
  readonly source: string | null;
  /** The target of ChangePlan, else the current plan. */
  readonly planId: string | null;
  /** The target of ChangeQuantity, else the current number of seats; null for flat rate, or where Microsoft left it out. */
  readonly quantity: number | null;
  readonly requestedAt: string | null;
}

/** A subscription as read from Microsoft. */
export interface Reading {
  readonly snapshot: Snapshot;
  /** Taken before the call: the snapshot is at least as new as this (rule 2). */
  readonly readAt: string;
}

/** What Microsoft shows about a webhook. */
export interface Facts extends Reading {
  /** Null: Microsoft does not show the operation (404), which is a fact and no failure. */
  readonly operation: SeenOperation | null;
  /** For how long the same webhook has been asked about already, in milliseconds. */
  readonly waitedMs: number;
}

/** Not ended yet: only these can still be acknowledged and applied (rule 4). */
export const isOpen = (status: OperationStatus | null): status is 'NotStarted' | 'InProgress' =>
  status === 'NotStarted' || status === 'InProgress';

/** Ids are compared in lower case: Microsoft's casing is not documented. */
export const operationKey = ({ subscriptionId, operationId, action }: OperationReference): string =>
  `${subscriptionId}/${operationId}`.toLowerCase() + `/${action}`;

/**
 * Whether a subscription shows what a succeeded operation was about, and only that (rule 1). An action that leaves no mark of its own is
 * always shown.
 */
export function showsEffect({ action, planId, quantity }: Pick<Operation, 'action' | 'planId' | 'quantity'>, snapshot: Snapshot): boolean {
  switch (action) {
    case 'ChangePlan':
      return snapshot.planId === planId;
    case 'ChangeQuantity':
      return snapshot.quantity === null || snapshot.quantity === quantity; // flat rate has no seats, whatever was said
    case 'Suspend':
      return snapshot.status === 'Suspended';
    case 'Reinstate':
    case 'Subscribe':
      return snapshot.status === 'Subscribed';
    case 'Unsubscribe':
      return snapshot.status === 'Unsubscribed';
    default:
      return true;
  }
}
