import type { FastifyInstance } from 'fastify';
import type { LinkTrap } from '../../traps/link.trap';

/** The control API's trap: a foreign host behind the links that the publisher is to follow. */
export class LinkTrapRoutes {
  constructor(private readonly trap: LinkTrap) {}

  register(server: FastifyInstance): void {
    server.get('/traps/links', async () => ({ url: this.trap.url }));
    server.post('/traps/links', async (_request, reply) => reply.code(201).send({ url: await this.trap.open() }));
    server.delete('/traps/links', async () => {
      await this.trap.close();
      return { url: null };
    });
  }
}
