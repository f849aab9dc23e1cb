import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallFacts } from './call.facts';
import type { CallFault } from './fault';
import type { FaultBook } from './fault.book';
import { plainAnswer } from './plain.answers';
import type { Surface } from './route.names';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fault that this call meets. A call meets one at most. */
    fault: CallFault | undefined;
  }
}

/**
 * Lets faults happen to the calls of a surface. Where in a call's way: rules with `beforeAuth` when its head has arrived, all others when its token and version
 * were found good and its body was read. What is refused before that is refused as ever, and is no match.
 */
export class CallFaults {
  constructor(
    private readonly book: FaultBook,
    private readonly facts: CallFacts,
  ) {}

  /** To be called before the hook that looks at the token is added. */
  guard(server: FastifyInstance, surface: Surface): void {
    server.decorateRequest('fault', undefined);
    server.addHook('onRequest', async (request, reply) => this.meet(request, reply, surface, 'before-auth'));
    server.addHook('preHandler', async (request, reply) => this.meet(request, reply, surface, 'after-auth'));
    server.addHook('onSend', async (request, reply, payload) => this.alter(request, reply, payload, surface));
  }

  private async meet(request: FastifyRequest, reply: FastifyReply, surface: Surface, stage: 'before-auth' | 'after-auth') {
    if (request.fault || this.book.isEmpty()) return undefined;
    request.fault = this.book.takeForCall(this.facts.of(request, surface), stage);
    const status = request.fault?.effect('status');
    return status && !status.afterWork ? reply.send() : undefined; // what is sent is decided on its way out
  }

  private async alter(request: FastifyRequest, reply: FastifyReply, payload: unknown, surface: Surface): Promise<unknown> {
    const effect = request.fault?.effect('status');
    if (!effect) return payload;
    const body = effect.body ?? plainAnswer(effect.status, surface);
    for (const name of ['operation-location', 'operation-id', 'retry-after', 'location', 'content-type', 'content-length'])
      reply.removeHeader(name);
    reply.code(effect.status);
    if (body !== undefined) reply.header('content-type', 'application/json; charset=utf-8');
    if (effect.retryAfter !== undefined) reply.header('retry-after', String(effect.retryAfter));
    reply.headers(effect.headers ?? {});
    return typeof body === 'string' && effect.body !== undefined ? body : body && JSON.stringify(body);
  }
}
