import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Breaches } from '../../breaches/breaches';
import { isGuid } from '../../guid';
import { limits } from '../../limits';
import { ControlInputError, parsed } from '../control.schemas';

const listedByDefault = 200;

const query = z.strictObject({
  subscriptionId: z.string().refine(isGuid, 'must be a GUID').optional(),
  rule: z.string().max(100).optional(),
  severity: z.enum(['breach', 'advice']).optional(),
  limit: z.coerce.number().int().min(1).max(limits.controlPageEntries).optional(),
});

/** The control API's breaches: which of Microsoft's rules the publisher has broken, and which rules there are. */
export class BreachRoutes {
  constructor(private readonly breaches: Breaches) {}

  register(server: FastifyInstance): void {
    server.get('/breaches', async (request) => this.list(request));
    server.get('/breaches/rules', async () => ({
      rules: this.breaches.rules.map(({ id, section, severity, title, asks }) => ({ rule: id, section, severity, title, asks })),
    }));
    server.delete('/breaches', async () => {
      this.breaches.repository.clear();
      return { forgotten: true };
    });
  }

  /** The newest entries, oldest of them first. */
  private list(request: FastifyRequest) {
    const { subscriptionId, rule, severity, limit = listedByDefault } = parsed(query, request.query);
    if (rule !== undefined && !this.breaches.rules.some(({ id }) => id === rule)) {
      const problem = `There is no rule ${rule}; GET /control/breaches/rules lists them.`;
      throw new ControlInputError(problem, [{ field: 'rule', problem }]);
    }
    this.breaches.tick();
    const { repository } = this.breaches;
    const breaches = repository.newest(
      limit,
      (breach) =>
        (subscriptionId === undefined || breach.subscriptionId === subscriptionId.toLowerCase()) &&
        (rule === undefined || breach.rule === rule) &&
        (severity === undefined || breach.severity === severity),
    );
    return { breaches, counts: repository.counts() };
  }
}
