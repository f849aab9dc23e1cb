import { z } from 'zod';
import type { Operation } from './answer.types';
import { guid, instant, list, part, readGuid, said, seats, shownTextOrNull, text, textOrNull } from './lenient';

/**
 * An operation (contract 3.10). `operationRequestedSource` is how Microsoft's own emulator spells the source (contract 9.3). The
 * subscription may be left out: ask `belongingTo` which one it is.
 */
export const operation = z
  .object({
    id: guid,
    subscriptionId: text,
    action: textOrNull,
    status: textOrNull,
    planId: textOrNull,
    quantity: seats,
    operationRequestSource: textOrNull,
    operationRequestedSource: textOrNull,
    timeStamp: instant,
    errorStatusCode: textOrNull,
    errorMessage: shownTextOrNull,
  })
  .transform((raw): Operation => ({
    id: raw.id,
    subscriptionId: readGuid(raw.subscriptionId) ?? '',
    ...said({
      action: raw.action,
      status: raw.status,
      planId: raw.action === 'ChangePlan' ? raw.planId : null,
      quantity: raw.action === 'ChangeQuantity' ? raw.quantity : null,
      source: raw.operationRequestSource ?? raw.operationRequestedSource,
      timeStamp: raw.timeStamp,
      errorCode: raw.errorStatusCode,
      errorMessage: raw.errorMessage,
    }),
  }));

/** None open: empty body, `{}`, or an empty list; Microsoft's own emulator sends the bare list (contract 3.10, 9.3). */
export const operationList = z
  .unknown()
  .transform((raw) => (Array.isArray(raw) ? { operations: raw } : raw))
  .pipe(part({ operations: list(operation) }))
  .transform((raw) => raw.operations);

/** Where Microsoft does not name the subscription, it is the one in the path that was asked: no other operations can be seen there. */
export function belongingTo(subscriptionId: string, found: Operation): Operation {
  return found.subscriptionId === '' ? { ...found, subscriptionId: readGuid(subscriptionId) ?? '' } : found;
}
