import { randomUUID } from 'node:crypto';
import { notAuthorizedMessage } from '../../fulfillment/auth.failure';
import { EntraError } from '../../identity/entra.error';
import type { Surface } from '../route/route.names';

/**
 * What a service is seen to write at a status. The marketplace documents none of it (contract 3.1.2); of Entra only the shape is stable
 * (contract 2.1).
 */
export function plainAnswer(status: number, surface: Surface): unknown {
  if (status < 400) return undefined;
  return surface === 'identity' ? entraAnswer(status) : marketplaceAnswer(status);
}

function marketplaceAnswer(status: number): unknown {
  switch (status) {
    case 400:
      return { message: 'The request is not valid.', code: 'BadArgument' };
    case 401:
      return { message: notAuthorizedMessage, code: 'Unauthorized' };
    case 403:
      return notAuthorizedMessage;
    case 404:
      return { message: 'The entity was not found.', code: 'EntityNotFound' };
    case 409:
      return { message: 'The entity has been changed meanwhile.', code: 'Conflict' };
    default:
      return { error: wordsFor(status) };
  }
}

function wordsFor(status: number): { code: string; message: string } {
  switch (status) {
    case 429:
      return { code: 'TooManyRequests', message: 'Too many requests. Try again later.' };
    case 503:
      return { code: 'ServiceUnavailable', message: 'The service is not available. Try again later.' };
    case 504:
      return { code: 'GatewayTimeout', message: 'The service did not answer in time.' };
    default:
      return status < 500
        ? { code: 'RequestFailed', message: 'The request failed.' }
        : { code: 'InternalServerError', message: `Something went wrong. Activity id: ${randomUUID()}` };
  }
}

function entraAnswer(status: number): unknown {
  if (status === 401)
    return new EntraError(
      'invalid_client',
      7000222,
      'The provided client secret keys are expired. Create new keys for the app.',
      401,
    ).body();
  if (status < 500 && status !== 429) return new EntraError('invalid_request', 90014, 'The request is not valid.').body();
  const text = status === 429 ? 'Too many requests.' : 'A transient error has occurred. Please try again.';
  return new EntraError('temporarily_unavailable', status === 429 ? 90055 : 90033, text).body();
}
