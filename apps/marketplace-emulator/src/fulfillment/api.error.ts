import type { FastifyReply } from 'fastify';
import type { Refusal } from '../operation/operation';

/** Errors of the marketplace API in the shapes that were observed (contract 3.1.2); Microsoft documents none. */
export const apiErrors = {
  bad: (reply: FastifyReply, message: string, code = 'BadArgument', target?: string) =>
    reply.code(400).send({ message, ...(target ? { target } : {}), code }),
  notFound: (reply: FastifyReply) => reply.code(404).send({ message: 'The entity was not found.', code: 'EntityNotFound' }),
  malformedId: (reply: FastifyReply) => apiErrors.bad(reply, 'The id is not a GUID.', 'BadArgument', 'subscriptionId'),
  conflict: (reply: FastifyReply, message: string) => reply.code(409).send({ message, code: 'Conflict' }),
} as const;

/** A refused change. A locked subscription is answered 400 to PATCH and 409 to DELETE (contract 9.2). */
export function sendRefusal(reply: FastifyReply, { refused, message }: Refusal, lockedStatus: 400 | 409): FastifyReply {
  if (refused === 'busy')
    return reply
      .code(503)
      .header('retry-after', '10')
      .send({ error: { code: 'ServiceUnavailable', message } });
  if (refused !== 'locked') return apiErrors.bad(reply, message);
  return lockedStatus === 409 ? apiErrors.conflict(reply, message) : apiErrors.bad(reply, message, 'Failed');
}
