import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Clock } from '../time/clock';

/** Undocumented members: a new one, one that was there until 2019 (contract 3.2), one with everything that JSON has. */
const unknownMembers = { storeFront: 'Azure', notDocumented: { kind: 'v9', values: [1, null, true, { deep: '' }] } };

/** What every answer of the live API has beside its content (contract 2.5), and what it may have. */
export function addAnswerTraits(server: FastifyInstance, settings: SettingsRepository, clock: Clock): void {
  server.addHook('onRequest', async (_request, reply) => {
    const activityId = randomUUID();
    reply.header('x-ms-activityid', activityId).header('mise-correlation-id', activityId);
    reply.header('set-cookie', 'ARRAffinity=c0a7e1de51b24c3d9e4f; Path=/; HttpOnly'); // to be ignored by clients
  });
  server.addHook('preSerialization', async (_request, _reply, payload) =>
    settings.current.unknownProperties === 'some' ? withUnknownMembers(payload) : payload,
  );
  server.addHook('onSend', async (request, reply, payload) => {
    reply.header('date', new Date(clock.now()).toUTCString()); // the clock of its operations: publishers compare the two
    return tag(request, reply, payload);
  });
}

/** Live answers to GET carry a tag. Nothing is documented that would ask for it again, so no request is conditional (contract 2.5). */
function tag(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (request.method === 'GET' && reply.statusCode === 200 && typeof payload === 'string')
    reply.header('etag', `"${createHash('sha1').update(payload).digest('base64url')}"`);
  return payload;
}

function withUnknownMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownMembers);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).map(([name, member]) => [name, withUnknownMembers(member)]);
  return { ...unknownMembers, ...Object.fromEntries(known) };
}
