import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isGuid } from '../../guid';
import { decimalOf, numberOf } from '../../metering/decimal';
import type { RefusedUsageLog } from '../../metering/usage/refused.usage';
import type { UsageRepository } from '../../metering/usage/usage.repository';
import type { Atomically } from '../../state/atomically';
import { ControlInputError, controlSchemas, parsed } from '../control.schemas';

const listedByDefault = 200;

const reconciliation = z.strictObject({
  subscriptionId: z.string().refine(isGuid, 'must be a GUID'),
  usageDate: z.iso.date({ error: 'must be a day in UTC such as 2024-01-19' }),
  dimension: z.string().min(1).optional(),
  planId: z.string().min(1).optional(),
  reconStatus: z.enum(['Submitted', 'Accepted', 'Rejected', 'Mismatch', 'Missing']),
  processedQuantity: z.number().positive().optional(),
});

/** What was reported, event by event, and how its reconciliation is to end (contract 6.5). */
export class UsageControlRoutes {
  constructor(
    private readonly atomically: Atomically,
    private readonly usage: UsageRepository,
    private readonly refused: RefusedUsageLog,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/usage-events', async (request) => this.list(request));
    server.post('/reconciliations', async (request, reply) => this.reconcile(request, reply));
  }

  /** The newest of both kinds, oldest of them first; of one subscription where one is named. */
  private list(request: FastifyRequest) {
    const { subscriptionId, limit = listedByDefault } = parsed(controlSchemas.list, request.query);
    const isWanted = (event: { subscriptionId: string | null }) => !subscriptionId || event.subscriptionId === subscriptionId.toLowerCase();
    return {
      accepted: this.usage.newest(limit, isWanted).map(({ id: _key, effectiveAtMs: _atMs, ...event }) => event),
      refused: this.refused.entries.newest(limit, isWanted),
    };
  }

  private reconcile(request: FastifyRequest, reply: FastifyReply) {
    const { subscriptionId, usageDate, dimension, planId, reconStatus, processedQuantity } = parsed(reconciliation, request.body);
    if (processedQuantity !== undefined && reconStatus !== 'Mismatch')
      throw problem('processedQuantity', 'belongs to reconStatus Mismatch; otherwise it follows from what was submitted');
    const days = this.usage.days(
      (day) =>
        day.subscriptionId === subscriptionId.toLowerCase() &&
        day.usageDate === usageDate &&
        (dimension ?? day.dimension) === day.dimension &&
        (planId ?? day.planId) === day.planId,
    );
    if (days.length === 0) return reply.code(404).send({ error: `Nothing was accepted of ${subscriptionId} on ${usageDate} that fits.` });
    if (days.some(({ quantity }) => numberOf(decimalOf(quantity)) === processedQuantity))
      throw problem('processedQuantity', 'must not be what was submitted: the two would match');
    this.atomically(() => {
      for (const day of days) this.usage.force(day, { reconStatus, processedQuantity: processedQuantity ?? null });
    });
    return { reconciled: days.length };
  }
}

function problem(field: string, message: string): ControlInputError {
  return new ControlInputError(`${field}: ${message}`, [{ field, problem: message }]);
}
