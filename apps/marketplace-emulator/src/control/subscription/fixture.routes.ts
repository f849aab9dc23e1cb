import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FixtureLoader } from '../../fixtures/fixture.loader';

/** Sets of subscriptions with known ids. */
export class FixtureRoutes {
  constructor(private readonly loader: FixtureLoader) {}

  register(server: FastifyInstance): void {
    server.get('/fixtures', async () => ({ fixtures: this.loader.list() }));
    server.post('/fixtures/:name', async ({ params: { name } }: FastifyRequest<{ Params: { name: string } }>, reply) => {
      const loaded = this.loader.load(name);
      if (!loaded) return reply.code(404).send({ error: `There is no fixture ${name}; GET /control/fixtures lists what there is.` });
      return 'refused' in loaded ? reply.code(409).send({ error: loaded.refused }) : reply.code(201).send(loaded);
    });
  }
}
