import type { FastifyReply } from 'fastify';

/**
 * Calls back once when a call is over in whatever way: answered, broken off, or given up by its caller.
 * @param note gets the status that was sent; null: nothing was.
 */
export function whenOver(reply: FastifyReply, note: (status: number | null) => void): void {
  reply.raw.once('close', () => note(reply.raw.headersSent ? reply.raw.statusCode : null));
}
