import type { DeliveryEnded } from '../fact';

/** Microsoft's own: with a token that must be believed, about an operation that there is. */
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

/** A 4xx that somebody may have meant; what middleware says by itself is another matter (contract 8, 7). */
export function isRefusal(fact: DeliveryEnded): boolean {
  const status = statusOf(fact);
  return status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
}
