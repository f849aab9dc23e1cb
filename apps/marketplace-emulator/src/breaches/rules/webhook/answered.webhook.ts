import { membersOf } from '../../../metering/usage/usage.reading';
import type { DeliveryEnded } from '../../fact';

/** Microsoft's own: with a valid token, about an operation that exists. */
export function isMicrosofts({ delivery, operation }: DeliveryEnded): boolean {
  return delivery.badToken === null && delivery.kind !== 'crafted' && delivery.kind !== 'forged' && operation !== undefined;
}

/** One that may be refused (contract 4.2). */
export function isChange({ delivery: { action } }: DeliveryEnded): boolean {
  return action === 'ChangePlan' || action === 'ChangeQuantity';
}

/** 0: no answer. */
export function statusOf({ delivery: { answer } }: DeliveryEnded): number {
  return answer?.status ?? 0;
}

/** A 4xx that the publisher may have decided; what middleware answers by itself does not count (contract 8, 7). */
export function isRefusal(fact: DeliveryEnded): boolean {
  const status = statusOf(fact);
  return status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status) && isTrue(fact);
}

/**
 * What is in the body is what Get Operation shows, so nothing gives a reason to turn it away. A fault rule or a call of the control API may
 * have falsified it: then 400 is right (contract 4.6, 2 and 4). Members that Microsoft has left out or left empty at times count as true.
 */
export function isTrue({ delivery, operation }: DeliveryEnded): boolean {
  const { id, subscriptionId, action, planId, quantity } = membersOf(delivery.requestBody);
  if ([id, subscriptionId, action].some((member) => member === undefined)) return false;
  if (!operation) return true; // nothing to compare it with
  const isSame = (sent: unknown, is: unknown) => sent === undefined || sent === null || sent === '' || String(sent) === String(is);
  return (
    id === operation.id &&
    subscriptionId === operation.subscriptionId &&
    action === operation.action &&
    isSame(planId, operation.planId) &&
    isSame(quantity, operation.quantity ?? 1)
  );
}
