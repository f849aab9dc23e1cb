import type { FastifyReply } from 'fastify';
import type { SettingsRepository } from '../settings/settings.repository';

export const notAuthorizedMessage =
  'The authorization token is absent, not valid or expired, or belongs to another application than the one of the offer.';

/**
 * The one answer to a missing, wrong or expired token, to an application that is not let in, and to somebody else's subscription
 * (contract 2.2).
 */
export function refuseAuthorization(reply: FastifyReply, settings: SettingsRepository): FastifyReply {
  if (settings.current.authFailureStyle === '401-object')
    return reply.code(401).send({ message: notAuthorizedMessage, code: 'Unauthorized' });
  return reply.code(403).type('application/json; charset=utf-8').send(JSON.stringify(notAuthorizedMessage));
}
