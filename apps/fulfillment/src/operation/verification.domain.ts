import {
  operationVerified,
  subscriptionObserved,
  type MessageOf,
  type Snapshot,
  type Status,
  type webhookReceived,
} from '@landfall/contracts';
import { changed, ignored, notYet, type Outcome } from '@landfall/messaging';
import { isOpen, showsEffect, type Facts, type Operation, type SeenOperation, type Settled } from './operation';
import { settleOperation } from './settlement.job';

type WebhookReceived = MessageOf<typeof webhookReceived>;
type Webhook = WebhookReceived['data'];

/** Not verifiable is not false (rule 5): so long it is asked again before the subscription alone decides. */
export const VERIFICATION_LIMIT_MS = 15 * 60_000;
/** After this the decision is acknowledged without having seen our answer leave: Microsoft decides by itself after ten seconds (contract 4.5). */
export const ACKNOWLEDGE_AFTER_MS = 7_000;

/**
 * Decides whether Microsoft's own record confirms a webhook. Its payload is a hint (rule 1): what goes out is what was read. Each webhook
 * leads to one `operation-verified`, or, where nothing confirms it in time, to one `subscription-observed`.
 */
export function verify(known: Operation | undefined, message: WebhookReceived, facts: Facts): Outcome<Operation> {
  if (known?.verification === 'verified') return ignored('this operation was verified before (rule 4)');
  const doubt = doubtAbout(message.data, facts);
  if (!doubt) return verified(message, facts);
  return canStillBeConfirmed(message.data, facts) ? notYet(doubt) : observed(message, facts);
}

/** Nothing leads out of Unsubscribed (rule 3): asking again could not change the answer, and must not hold up what comes after. */
const canStillBeConfirmed = ({ action }: Webhook, { snapshot, waitedMs }: Facts): boolean =>
  waitedMs < VERIFICATION_LIMIT_MS && (snapshot.status !== 'Unsubscribed' || action === 'Unsubscribe');

/** Why a webhook is not confirmed; null where it is. */
function doubtAbout(webhook: Webhook, { operation, snapshot }: Facts): string | null {
  if (!operation) return doubtWithoutOperation(webhook, snapshot);
  if (!isSame(operation.subscriptionId, webhook.subscriptionId) || operation.action !== webhook.action) {
    return 'the operation at Microsoft is about another subscription or action';
  }
  if (webhook.action === 'ChangePlan' && (!operation.planId || (webhook.planId && webhook.planId !== operation.planId))) {
    return 'the operation at Microsoft shows no target plan, or another one';
  }
  if (webhook.action === 'ChangeQuantity' && !agreesOnQuantity(webhook, operation, snapshot)) {
    return 'the operation at Microsoft shows no target quantity, or another one';
  }
  return null;
}

/** What a subscription must show where the operation itself can't be read (contract 4.6, step 4). */
const provedBy: Readonly<Partial<Record<string, readonly Status[]>>> = {
  Suspend: ['Suspended'],
  Unsubscribe: ['Unsubscribed'],
  Subscribe: ['Subscribed', 'Suspended'],
};
/** Only the operation tells what these are about. */
const needsOperation: ReadonlySet<string> = new Set(['ChangePlan', 'ChangeQuantity', 'Reinstate']);

/** Microsoft does not show the operation. Renew and unknown actions are told by the subscription as it is. */
function doubtWithoutOperation({ action }: Webhook, { status }: Snapshot): string | null {
  if (needsOperation.has(action)) return 'the operation is not visible at Microsoft';
  const proof = provedBy[action];
  return !proof || proof.includes(status) ? null : 'neither operation nor subscription shows it';
}

/** A flat-rate quantity is null everywhere, whatever the payload says. */
const agreesOnQuantity = (webhook: Webhook, operation: SeenOperation, snapshot: Snapshot): boolean =>
  snapshot.quantity === null || (operation.quantity !== null && (webhook.quantity === null || webhook.quantity === operation.quantity));

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** An operation that is not at its end is followed from here on, also if nobody ever decides or answers. */
function verified(message: WebhookReceived, facts: Facts): Outcome<Operation> {
  const operation = recordOf(message, facts, 'verified');
  const { subscriptionId, operationId, action, source, operationStatus, planId, quantity, receivedAt, acknowledgeBy } = operation;
  const said = operationVerified({
    ...{ subscriptionId, operationId, action, source, operationStatus, planId, quantity, receivedAt },
    requestedAt: facts.operation?.requestedAt ?? null,
    snapshot: facts.snapshot,
    readAt: facts.readAt,
  });
  if (!mustBeFollowed(operation, facts.snapshot)) return changed({ ...operation, settled: endOf(operationStatus) }, said);
  return changed(operation, said, settleOperation({ subscriptionId, operationId, action }, { runAt: acknowledgeBy }));
}

function observed(message: WebhookReceived, facts: Facts): Outcome<Operation> {
  const { subscriptionId } = message.data;
  const { snapshot, readAt } = facts;
  return changed(recordOf(message, facts, 'unverifiable'), subscriptionObserved({ subscriptionId, snapshot, readAt, occasion: 'webhook' }));
}

/** The target is taken from the operation where the action is about it, else from the subscription. */
function recordOf(
  { data, time }: WebhookReceived,
  { operation, snapshot, readAt }: Facts,
  verification: Operation['verification'],
): Operation {
  const { subscriptionId, operationId, action, receivedAt } = data;
  const seen = verification === 'verified' ? operation : null;
  return {
    subscriptionId,
    operationId,
    action,
    source: operation?.source ?? data.source,
    operationStatus: seen?.status ?? null,
    planId: (action === 'ChangePlan' && seen?.planId) || snapshot.planId,
    quantity: snapshot.quantity === null ? null : (action === 'ChangeQuantity' && seen?.quantity) || snapshot.quantity,
    receivedAt,
    acknowledgeBy: new Date(Date.parse(time) + ACKNOWLEDGE_AFTER_MS).toISOString(),
    verification,
    verifiedAt: readAt,
    verdict: null,
    answeredAt: null,
    settled: null,
    unshownSince: null,
  };
}

/**
 * An open operation is. So is one that has succeeded while the subscription does not show it: they are read side by side, and the one may show
 * the end before the other does.
 */
function mustBeFollowed(operation: Operation, snapshot: Snapshot): boolean {
  const { operationStatus: status } = operation;
  if (status === 'Succeeded') return !showsEffect(operation, snapshot) && snapshot.status !== 'Unsubscribed';
  return isOpen(status);
}

const endOf = (status: Operation['operationStatus']): Settled | null => (status === null || isOpen(status) ? null : status);
