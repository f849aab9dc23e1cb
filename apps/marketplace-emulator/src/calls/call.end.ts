import type { FastifyReply } from 'fastify';

/**
 * Calls back once when a call is over in whatever way: answered, broken off, or given up by its caller.
 * @param listener gets the status that was sent; null: nothing was.
 */
export function whenOver(reply: FastifyReply, listener: (status: number | null) => void): void {
  reply.raw.once('close', () => listener(reply.raw.headersSent ? reply.raw.statusCode : null));
}
