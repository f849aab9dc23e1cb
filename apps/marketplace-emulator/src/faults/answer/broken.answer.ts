import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { limits } from '../../limits';
import type { EffectNamed } from '../rule/api.effects';
import type { HeldConnections } from './held.connections';

/**
 * Answers that break HTTP, or that take very long. They are written past the server (`hijack`), and none outlives `limits.heldMs`.
 */
export class BrokenAnswers {
  constructor(private readonly held: Pick<HeldConnections, 'hold'>) {}

  reset(reply: FastifyReply): void {
    reply.hijack();
    reply.request.raw.socket.resetAndDestroy();
  }

  hang(reply: FastifyReply, ms: number = limits.heldMs): void {
    const { socket } = reply.request.raw;
    reply.hijack();
    this.held.hold(socket, ms, () => socket.destroy());
  }

  /**
   * Sends the beginning of a body whose whole length was announced, or of chunks that have no end, and ends the connection in an orderly
   * way.
   */
  cut(reply: FastifyReply, body: Buffer, { afterBytes, chunked }: EffectNamed<'cutBody'>): void {
    const { socket } = reply.request.raw;
    const kept = Math.min(afterBytes ?? Math.floor(body.length / 2), Math.max(body.length - 1, 0));
    begin(reply, chunked ? undefined : Math.max(body.length, 1));
    if (kept > 0) reply.raw.write(body.subarray(0, kept));
    else reply.raw.flushHeaders();
    setImmediate(() => socket.destroySoon()); // after what was written in this turn has left
  }

  drip(reply: FastifyReply, body: Buffer, bytesPerSecond: number): void {
    const { socket } = reply.request.raw;
    const everyMs = Math.max(limits.dripMs, 1_000 / bytesPerSecond);
    const drop = Math.max(1, Math.round((bytesPerSecond * everyMs) / 1_000));
    let sent = 0;
    begin(reply, body.length);
    reply.raw.flushHeaders();
    const timer = setInterval(() => {
      reply.raw.write(body.subarray(sent, sent + drop));
      sent += drop;
      if (sent < body.length) return;
      clearInterval(timer);
      letGo();
      reply.raw.end();
    }, everyMs);
    const letGo = this.held.hold(socket, limits.heldMs, () => {
      clearInterval(timer);
      socket.destroy();
    });
  }
}

/** Without a length the body is sent in chunks. */
function begin(reply: FastifyReply, contentLength: number | undefined): void {
  const headers: Record<string, string | number | string[] | undefined> = { ...reply.getHeaders(), 'content-length': contentLength };
  if (contentLength === undefined) delete headers['content-length'];
  reply.hijack();
  reply.raw.on('error', () => reply.raw.destroy()); // the caller has left in the middle
  reply.raw.writeHead(reply.statusCode, headers as OutgoingHttpHeaders);
}
