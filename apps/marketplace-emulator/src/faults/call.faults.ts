import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Addresses } from '../identity/addresses';
import { isInsteadOfWork } from './rule/api.effects';
import { alteredPage } from './answer/altered.page';
import { withoutMembers } from './answer/left.out.members';
import { BrokenAnswers } from './answer/broken.answer';
import type { CallContext } from './call.context';
import type { CallFault } from './fault';
import type { FaultRepository } from './rule/fault.repository';
import type { HeldConnections } from './answer/held.connections';
import type { Past, ReadView } from './past';
import { replaceByPage, replaceByStatus } from './answer/replaced.answer';
import type { Surface } from './route/route.names';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fault that happens to this call, one at most. */
    fault: CallFault | undefined;
    /** What a read is to see instead of what there is. */
    staleView: ReadView | undefined;
    /** Paths of the members that a fault has left out of the answer. */
    leftOut: string[] | undefined;
  }
}

/** The answer was written already, or there will be none. */
const written = Symbol('written');

/**
 * Lets faults happen to the calls of a surface. At which stage: rules with `beforeAuth` when its head has arrived, all others when its
 * token and version were found good and its body was read. What is refused before that is refused as usual, and is no match. The effect
 * itself shows where answers leave the service, so that it is the same whether the work was done or not.
 */
export class CallFaults {
  private readonly broken: BrokenAnswers;
  /** Calls whose fault has happened: an answer to an error in the middle of it is not altered again. */
  private readonly happened = new WeakSet<FastifyRequest>();

  constructor(
    private readonly rules: Pick<FaultRepository, 'isEmpty' | 'takeForCall'>,
    private readonly context: CallContext,
    private readonly past: Past,
    private readonly held: HeldConnections,
    private readonly addresses: Pick<Addresses, 'linkUrl'>,
  ) {
    this.broken = new BrokenAnswers(held);
  }

  /** To be called before the hook that looks at the token is added. */
  guard(server: FastifyInstance, surface: Surface): void {
    server.decorateRequest('fault', undefined);
    server.decorateRequest('staleView', undefined);
    server.decorateRequest('leftOut', undefined);
    server.addHook('onRequest', async (request, reply) => this.meet(request, reply, surface, 'before-auth'));
    server.addHook('preHandler', async (request, reply) => this.meet(request, reply, surface, 'after-auth'));
    server.addHook('onSend', (request, reply, payload, done) => {
      if (!request.fault || this.happened.has(request)) return done(null, payload);
      this.happened.add(request);
      this.happen(request.fault, request, reply, payload, surface).then((body) => {
        if (body !== written) done(null, body);
      }, done);
    });
  }

  /** Closes every connection that a fault keeps waiting. */
  release(): void {
    this.held.end();
  }

  private async meet(request: FastifyRequest, reply: FastifyReply, surface: Surface, stage: 'before-auth' | 'after-auth') {
    if (request.fault || this.rules.isEmpty()) return undefined;
    const fault = this.rules.takeForCall(this.context.of(request, surface), stage);
    if (!fault) return undefined;
    request.fault = fault;
    request.staleView = this.past.viewWith(fault);
    return fault.effects.some(isInsteadOfWork) ? reply.send() : undefined; // what is sent is decided on its way out
  }

  private async happen(
    fault: CallFault,
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    surface: Surface,
  ): Promise<unknown> {
    const delay = fault.effect('delay');
    if (delay) await this.held.wait(request.raw.socket, delay.ms);
    if (this.isBroken(fault, reply, payload)) return written;
    const [status, html] = [fault.effect('status'), fault.effect('html')];
    if (status) return replaceByStatus(reply, status, surface);
    if (html) return replaceByPage(reply, html.status);
    return this.altered(fault, request, reply, payload);
  }

  private isBroken(fault: CallFault, reply: FastifyReply, payload: unknown): boolean {
    const [hang, cut, drip] = [fault.effect('hang'), fault.effect('cutBody'), fault.effect('drip')];
    const body = bytesOf(payload);
    if (fault.effect('reset')) this.broken.reset(reply);
    else if (hang) this.broken.hang(reply, hang.ms);
    else if (cut && body) this.broken.cut(reply, body, cut);
    else if (drip && body?.length) this.broken.drip(reply, body, drip.bytesPerSecond);
    else return false;
    return true;
  }

  private altered(fault: CallFault, request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    const [malformed, contentType] = [fault.effect('malformed'), fault.effect('wrongContentType')];
    if (fault.effect('emptyBody')) return null;
    if (contentType) reply.header('content-type', contentType.contentType ?? 'text/html; charset=utf-8');
    if (malformed) {
      reply.header('content-type', 'application/json; charset=utf-8');
      const text = typeof payload === 'string' ? payload : '';
      return text.slice(0, Math.floor(text.length / 2)) || '{"';
    }
    return this.alteredPage(fault, request, reply, this.stripped(fault, request, reply, payload));
  }

  private stripped(fault: CallFault, request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    const leaveOut = fault.effect('leaveOut');
    if (!leaveOut || reply.statusCode !== 200 || typeof payload !== 'string' || payload === '') return payload;
    const { text, leftOut } = withoutMembers(payload, (member) => fault.random('leaveOut') < (leaveOut.members[member] ?? 0));
    request.leftOut = leftOut;
    return text;
  }

  private alteredPage(fault: CallFault, request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    const isPage = (fault.effect('shufflePage') || fault.effect('repeatPage')) && reply.statusCode === 200 && typeof payload === 'string';
    return isPage ? alteredPage(payload, fault, `${new URL(this.addresses.linkUrl).origin}${request.url}`) : payload;
  }
}

/** Undefined: a stream, which no route of these surfaces sends. */
function bytesOf(payload: unknown): Buffer | undefined {
  if (payload === undefined || payload === null) return Buffer.alloc(0);
  if (typeof payload === 'string') return Buffer.from(payload);
  return Buffer.isBuffer(payload) ? payload : undefined;
}
