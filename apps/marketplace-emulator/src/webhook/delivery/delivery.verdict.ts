import { isOpen, type Operation } from '../../operation/operation';
import { badTokens, type BadTokenName } from '../token/bad.tokens';
import type { Answer, Verdict } from './delivery';

/**
 * What an answer means for Microsoft (contract 4.2, 4.4, 4.5). A 4xx rejects ChangePlan and ChangeQuantity, if it comes within the ten
 * seconds: a slow rejection is none. Reinstate cannot be rejected, so any answer but a 5xx receives it. Everything else that is not 2xx,
 * redirects included, is a failed delivery.
 */
export function verdictOn(operation: Operation | undefined, answer: Answer | null, tookMs: number, autoAcceptMs: number): Verdict {
  if (!operation || (answer && isSuccess(answer))) return 'received';
  if (!answer || !isClientError(answer)) return isDecided(operation) ? 'received' : 'failed';
  switch (operation.action) {
    case 'ChangePlan':
    case 'ChangeQuantity':
      return isOpen(operation) && tookMs <= autoAcceptMs ? 'refused' : 'received';
    case 'Reinstate':
      return 'received';
    case 'Renew':
    case 'Suspend':
    case 'Unsubscribe':
    case 'Subscribe':
      return 'failed';
  }
}

/** What an answer to a forged webhook means. An outage of the publisher is no acceptance, but proves nothing either. */
export function verdictOnForgery(badToken: BadTokenName, answer: Answer | null): Verdict {
  if (answer && isClientError(answer)) return 'forgery-rejected';
  if (!answer || !isSuccess(answer)) return 'failed';
  return badTokens[badToken].rightAnswer === 'either' ? 'received' : 'forgery-accepted';
}

/** Of a webhook that was made up there is no operation which an answer could decide. */
export function verdictOnCrafted(answer: Answer | null): Verdict {
  return answer && isSuccess(answer) ? 'received' : 'failed';
}

/**
 * The publisher has settled it by PATCH while its answer was still on the way: whether the delivery failed does not matter any more. Where
 * the ten seconds run without an answer, their end is no such decision: the webhook still has to be delivered.
 */
function isDecided(operation: Operation): boolean {
  return !isOpen(operation) && operation.settledBy !== 'microsoft' && operation.settledBy !== 'ten-seconds';
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function isClientError({ status }: Answer): boolean {
  return status >= 400 && status < 500;
}
