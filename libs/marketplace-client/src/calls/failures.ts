import {
  MarketplaceAnswerUnreadable,
  MarketplaceConflict,
  MarketplaceForbidden,
  MarketplaceNotFound,
  MarketplaceRejected,
  MarketplaceThrottled,
  MarketplaceUnavailable,
  type FailureDetails,
  type MarketplaceError,
} from '../marketplace.errors';
import { BREAKER_REST_MS, MAX_WAITING_CALLS } from '../marketplace.limits';
import { networkCode, wasNeverSent } from '../http/http';
import type { Interruption } from './resilience';

/** What a status means (contract 3.1.3). It is decided by the status alone; the body only adds Microsoft's reason. */
export function failureOf(status: number, details: FailureDetails, is500NoOutage: boolean): MarketplaceError {
  const code = details.microsoft?.code ? ` (${details.microsoft.code})` : '';
  const answered = `Microsoft answered ${status}${code}`;
  if (status >= 300 && status < 400) {
    return new MarketplaceAnswerUnreadable(
      '(status)',
      `is ${status}, a redirect, which is never followed: check the address of the API`,
      details,
    );
  }
  if (status === 401 || status === 403) return new MarketplaceForbidden(`${answered}. ${whatToCheck}`, details);
  if (status === 404) return new MarketplaceNotFound(`${answered}: it does not know this, or no longer`, details);
  if (status === 409)
    return new MarketplaceConflict(`${answered}: another change is pending or was faster; read again before anything else`, details);
  if (status === 429) return new MarketplaceThrottled(`${answered}: too many calls, nothing was done; wait and try again`, details);
  if (status === 408 || status >= 500) {
    const isQuirk = status === 500 && is500NoOutage;
    const meaning = isQuirk
      ? 'for an acknowledgement that may mean that the operation has ended; read it again'
      : 'it is in trouble; trying again later can help';
    return new MarketplaceUnavailable(`${answered}: ${meaning}`, {
      ...details,
      reason: 'server-error',
      outcomeUnknown: true,
      isOutage: !isQuirk,
    });
  }
  return new MarketplaceRejected(`${answered}: it refuses this call as things stand`, details);
}

const whatToCheck =
  'Check that tenant and client id are those of the offer’s technical configuration, that the app has a service principal in that tenant, ' +
  'that the offer was published to preview at least once, and that the subscription belongs to an offer of this app.';

/** The connection failed before there was a status. */
export function networkFailure(error: unknown, details: FailureDetails): MarketplaceUnavailable {
  const code = networkCode(error);
  const neverSent = wasNeverSent(error);
  const message = neverSent
    ? `Microsoft could not be reached (${code}); nothing was sent`
    : `The connection to Microsoft broke before an answer came (${code})`;
  return new MarketplaceUnavailable(message, { ...details, reason: 'network', outcomeUnknown: !neverSent, isOutage: true, cause: error });
}

export function cutBody(error: unknown, details: FailureDetails): MarketplaceUnavailable {
  const message = `Microsoft's answer broke off in the middle (${networkCode(error)})`;
  return new MarketplaceUnavailable(message, { ...details, reason: 'cut-body', outcomeUnknown: true, isOutage: true, cause: error });
}

export function timedOut(timeoutMs: number, wasSent: boolean, details: FailureDetails): MarketplaceUnavailable {
  const message = wasSent
    ? `Microsoft did not answer within ${timeoutMs} ms`
    : `The call could not leave within ${timeoutMs} ms: it waited for a slot, a token or its announcement; nothing was sent`;
  return new MarketplaceUnavailable(message, { ...details, reason: 'timeout', outcomeUnknown: wasSent, isOutage: wasSent });
}

/** Our own side did not send the call. `afterMs`: how long to wait, where that is known. */
export function unsent(why: Exclude<Interruption, 'timeout'>, afterMs: number, details: FailureDetails): MarketplaceUnavailable {
  const same = { ...details, reason: why, outcomeUnknown: false };
  if (why === 'busy') {
    return new MarketplaceUnavailable(`${MAX_WAITING_CALLS} calls wait for Microsoft already; nothing was sent`, {
      ...same,
      isOutage: false,
    });
  }
  const retryAfterMs = Math.ceil(afterMs);
  if (why === 'paused') {
    const message = `Microsoft has asked for fewer calls, and these rest for ${retryAfterMs} ms more; nothing was sent`;
    return new MarketplaceUnavailable(message, { ...same, isOutage: false, retryAfterMs });
  }
  const message = `Most of the last such calls to Microsoft failed, so they rest for ${BREAKER_REST_MS} ms; nothing was sent`;
  return new MarketplaceUnavailable(message, { ...same, isOutage: true, retryAfterMs });
}
