import {
  operationVerified,
  subscriptionObserved,
  webhookReceived,
  type gatewayEvents,
  type MessageOf,
  type Snapshot,
} from '@landfall/contracts';
import { changed, ignored, notYet, type Outcome } from '@landfall/messaging';
import type { OperationReading, SubscriptionReading } from '../microsoft/microsoft.readings';
import { isOpen, showsEffect, traitsOf, type Operation, type Settlement } from './operation';
import { followOperation } from './operation.job';

type WebhookReceived = MessageOf<typeof webhookReceived>;
type Webhook = WebhookReceived['data'];

/** Not verifiable is not false (rule 5): so long it is asked again before the subscription alone decides. */
export const VERIFICATION_LIMIT_MS = 15 * 60_000;
/**
 * After this the decision is acknowledged without having seen our answer leave: Microsoft decides by itself after ten seconds
 * (contract 4.5).
 */
export const ACKNOWLEDGE_AFTER_MS = 7_000;

/** What Microsoft shows about a webhook. */
export interface WebhookFacts extends SubscriptionReading {
  /** Null: Microsoft does not show the operation (404), which is a fact and no failure. */
  readonly operation: OperationReading | null;
  /** For how long the same webhook has been asked about already, in milliseconds. */
  readonly waitedMs: number;
}

/** Nothing that still waits to be verified may hold up the end of a subscription (rule 3). */
export const isCancellation = (event: MessageOf<typeof gatewayEvents>): boolean =>
  event.type === webhookReceived.type && event.data.action === 'Unsubscribe';

/**
 * Decides whether Microsoft's own record confirms a webhook. Its payload is a hint (rule 1): what is published is what was read. Each
 * webhook leads to one `operation-verified`, or, where nothing confirms it in time, to one `subscription-observed`.
 */
export function verify(known: Operation | undefined, message: WebhookReceived, facts: WebhookFacts): Outcome<Operation> {
  if (known?.verification === 'verified') return ignored('this operation was verified before (rule 4)');
  const doubt = doubtAbout(message.data, facts);
  if (!doubt) return verified(message, facts);
  return canStillBeConfirmed(message.data, facts) ? notYet(doubt) : unverifiable(message, facts);
}

/** Nothing leads out of Unsubscribed (rule 3): asking again could not change the answer, and must not hold up what comes after. */
const canStillBeConfirmed = ({ action }: Webhook, { snapshot, waitedMs }: WebhookFacts): boolean =>
  waitedMs < VERIFICATION_LIMIT_MS && (snapshot.status !== 'Unsubscribed' || action === 'Unsubscribe');

/** Why a webhook is not confirmed; null where it is. */
function doubtAbout(webhook: Webhook, { operation, snapshot }: WebhookFacts): string | null {
  if (!operation) return doubtWithoutOperation(webhook, snapshot);
  if (!isSameId(operation.subscriptionId, webhook.subscriptionId) || operation.action !== webhook.action) {
    return 'the operation at Microsoft is about another subscription or action';
  }
  const { target } = traitsOf(webhook.action);
  if (target === 'plan' && !agreesOnPlan(webhook, operation)) return 'the operation at Microsoft shows no target plan, or another one';
  if (target === 'quantity' && !agreesOnQuantity(webhook, operation, snapshot)) {
    return 'the operation at Microsoft shows no target quantity, or another one';
  }
  return null;
}

/** Microsoft does not show the operation: the subscription as it is may confirm the webhook (contract 4.6, step 4). */
function doubtWithoutOperation({ action }: Webhook, { status }: Snapshot): string | null {
  const { confirmedBy } = traitsOf(action);
  if (confirmedBy.length === 0) return 'the operation is not visible at Microsoft';
  return confirmedBy.includes(status) ? null : 'neither operation nor subscription shows it';
}

const agreesOnPlan = (webhook: Webhook, operation: OperationReading): boolean =>
  Boolean(operation.planId) && (!webhook.planId || webhook.planId === operation.planId);

/** A flat-rate quantity is null everywhere, whatever the payload holds. */
const agreesOnQuantity = (webhook: Webhook, operation: OperationReading, snapshot: Snapshot): boolean =>
  snapshot.quantity === null || (operation.quantity !== null && (webhook.quantity === null || webhook.quantity === operation.quantity));

const isSameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** An operation that is not at its end is followed from here on, also if nobody ever decides or answers. */
function verified(message: WebhookReceived, facts: WebhookFacts): Outcome<Operation> {
  const operation = operationOf(message, facts, 'verified');
  const { subscriptionId, operationId, action, source, operationStatus, planId, quantity, receivedAt, acknowledgeBy } = operation;
  const event = operationVerified({
    ...{ subscriptionId, operationId, action, source, operationStatus, planId, quantity, receivedAt },
    requestedAt: facts.operation?.requestedAt ?? null,
    snapshot: facts.snapshot,
    readAt: facts.readAt,
  });
  if (!mustBeFollowed(operation, facts.snapshot)) return changed({ ...operation, settled: endOf(operationStatus) }, event);
  return changed(operation, event, followOperation({ subscriptionId, operationId, action }, { runAt: acknowledgeBy }));
}

/** The subscription alone counts: what it shows is published as an observation. */
function unverifiable(message: WebhookReceived, facts: WebhookFacts): Outcome<Operation> {
  const { subscriptionId } = message.data;
  const { snapshot, readAt } = facts;
  return changed(
    operationOf(message, facts, 'unverifiable'),
    subscriptionObserved({ subscriptionId, snapshot, readAt, occasion: 'webhook' }),
  );
}

/** The target is taken from the operation where the action has one, else from the subscription. */
function operationOf(
  { data, time }: WebhookReceived,
  { operation, snapshot, readAt }: WebhookFacts,
  verification: Operation['verification'],
): Operation {
  const { subscriptionId, operationId, action, receivedAt } = data;
  const { target } = traitsOf(action);
  const shown = verification === 'verified' ? operation : null;
  return {
    subscriptionId,
    operationId,
    action,
    source: operation?.source ?? data.source,
    operationStatus: shown?.status ?? null,
    planId: (target === 'plan' && shown?.planId) || snapshot.planId,
    quantity: snapshot.quantity === null ? null : (target === 'quantity' && shown?.quantity) || snapshot.quantity,
    receivedAt,
    acknowledgeBy: new Date(Date.parse(time) + ACKNOWLEDGE_AFTER_MS).toISOString(),
    verification,
    verifiedAt: readAt,
    verdict: null,
    answeredAt: null,
    settled: null,
    effectMissingSince: null,
  };
}

/**
 * An open operation is. So is one that has succeeded while the subscription does not show it: they are read side by side, and the one may
 * show the end before the other does.
 */
function mustBeFollowed(operation: Operation, snapshot: Snapshot): boolean {
  const { operationStatus: status } = operation;
  if (status === 'Succeeded') return !showsEffect(operation, snapshot) && snapshot.status !== 'Unsubscribed';
  return isOpen(status);
}

const endOf = (status: Operation['operationStatus']): Settlement | null => (status === null || isOpen(status) ? null : status);
