import type { Document } from '../state/document.store';

export type Action = 'ChangePlan' | 'ChangeQuantity' | 'Renew' | 'Suspend' | 'Reinstate' | 'Unsubscribe' | 'Subscribe';

export type OperationStatus = 'NotStarted' | 'InProgress' | 'Succeeded' | 'Failed' | 'Conflict';

/** Who asked for it: the customer or Microsoft (`Azure`), or the publisher through the API (`Partner`). */
export type RequestSource = 'Azure' | 'Partner';

/** What ended an operation; `null` while it is open. */
export type SettledBy =
  | 'publisher' // PATCH operation
  | 'ten-seconds' // nobody objected in time (contract 4.5)
  | 'answer' // a 4xx to the webhook
  | 'microsoft' // notify-only, or decided on Microsoft's side
  | 'retries-exhausted'
  | 'superseded';

export interface Operation extends Document {
  subscriptionId: string;
  action: Action;
  requestSource: RequestSource;
  status: OperationStatus;
  /** The target plan for ChangePlan, otherwise the current one. */
  planId: string;
  /** The target quantity for ChangeQuantity, otherwise the current one; null for a flat rate. */
  quantity: number | null;
  timeStamp: string;
  /** The refused operation that this one takes back (contract 4.5). */
  reverts: string | null;
  /** When the webhook that started the ten seconds was sent. */
  deliveredAtMs: number | null;
  settledBy: SettledBy | null;
  settledAt: string | null;
  errorStatusCode: string;
  errorMessage: string;
  /** Its place among the operations of its subscription, from 1. Missing in those that were made in bulk. */
  number?: number;
  /** A fault makes it slow: for so much longer it reads NotStarted, and InProgress after it was accepted. */
  slow?: { startMs: number; endMs: number };
  /** Who has accepted a slow one that is not at its end yet. */
  acceptedBy?: 'publisher' | 'ten-seconds';
}

/** Actions that the publisher may acknowledge; the webhooks of the others come when they are done already (contract 4.2). */
export const acknowledgeable: ReadonlySet<Action> = new Set<Action>(['ChangePlan', 'ChangeQuantity', 'Reinstate']);

export function isOpen(operation: Operation): boolean {
  return operation.status === 'NotStarted' || operation.status === 'InProgress';
}

/** A change of plan or seats, which alone may stay open through a suspension. */
export function isChange({ action }: Operation): boolean {
  return action === 'ChangePlan' || action === 'ChangeQuantity';
}

/** A request that Microsoft does not carry out, and why. It is an answer, not an error. */
export interface Refusal {
  refused: 'locked' | 'wrong-status' | 'not-allowed' | 'unchanged' | 'not-available' | 'out-of-limits' | 'busy';
  message: string;
}

export function isRefusal(outcome: object): outcome is Refusal {
  return 'refused' in outcome;
}
