import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routeOf } from '../faults/route/route.lookup';
import { membersOf } from '../metering/usage/usage.reading';
import type { Clock } from '../time/clock';
import { fingerprintOf } from './bearer.reading';
import type { TokenIssued } from './fact';
import type { Observer } from './observer';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the identity service is to answer, before it is written as JSON. */
    identified: unknown;
  }
}

/** Records what the publisher requests from the identity service as facts: tokens for services, and keys. */
export class IdentityRecorder {
  constructor(
    private readonly clock: Pick<Clock, 'now' | 'realNow'>,
    private readonly observer: Observer,
  ) {}

  guard(server: FastifyInstance): void {
    server.decorateRequest('identified', undefined);
    server.addHook('preSerialization', async (request, _reply, payload) => {
      request.identified = payload;
      return payload;
    });
    server.addHook('onResponse', async (request, reply) => this.record(request, reply));
  }

  private record(request: FastifyRequest, reply: FastifyReply): void {
    const { clock } = this;
    const route = routeOf(request);
    if (route === 'jwks' && reply.statusCode === 200 && !request.fault)
      this.observer.notify({ kind: 'keys-read', atMs: clock.now(), readAtMs: clock.realNow(), keyIds: keyIdsIn(request.identified) });
    const form = request.body;
    if ((route !== 'requestTokenV1' && route !== 'requestTokenV2') || !(form instanceof URLSearchParams)) return;
    if (form.get('grant_type') === 'client_credentials') this.observer.notify(this.tokenIssued(form, request, reply));
  }

  private tokenIssued(form: URLSearchParams, { identified, fault }: FastifyRequest, { statusCode }: FastifyReply): TokenIssued {
    const token = statusCode === 200 ? membersOf(identified)['access_token'] : undefined;
    return {
      kind: 'token-issued',
      atMs: this.clock.now(),
      issuedAtMs: this.clock.realNow(),
      client: form.get('client_id'),
      resource: (form.get('resource') ?? form.get('scope'))?.replace(/\/(\.default)?$/, '').toLowerCase() ?? null,
      status: statusCode,
      faultId: fault?.id ?? null,
      fingerprint: typeof token === 'string' ? fingerprintOf(token) : null,
    };
  }
}

function keyIdsIn(keySet: unknown): string[] {
  const keys = membersOf(keySet)['keys'];
  return Array.isArray(keys) ? keys.map((key) => membersOf(key)['kid']).filter((kid) => typeof kid === 'string') : [];
}
