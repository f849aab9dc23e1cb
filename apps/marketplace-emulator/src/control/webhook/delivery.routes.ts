import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isGuid } from '../../guid';
import { limits } from '../../limits';
import type { RingBuffer } from '../../state/ring.buffer';
import { alterationFields } from '../../webhook/alteration.schema';
import { deliveryKinds, verdicts, type Delivery } from '../../webhook/delivery/delivery';
import type { ManualDeliveries, NotSent } from '../../webhook/delivery/manual.deliveries';
import { badTokenNames } from '../../webhook/token/bad.tokens';
import { parsed } from '../control.schemas';
import { deliveryView } from './delivery.views';

const listedByDefault = 200;
const guid = z.string().refine(isGuid, 'must be a GUID').toLowerCase();

const filterSchema = z.strictObject({
  subscriptionId: guid.optional(),
  operationId: guid.optional(),
  action: z.string().max(100).optional(),
  verdict: z.enum(verdicts).optional(),
  kind: z.enum(deliveryKinds).optional(),
  limit: z.coerce.number().int().min(1).max(limits.controlPageEntries).optional(),
});

/** How a delivery by hand may differ from a right one. */
export const alteration = {
  badToken: z.enum(badTokenNames).optional(),
  ...alterationFields,
};

export const redeliverySchema = z.strictObject(alteration);

type IdRequest = FastifyRequest<{ Params: { id: string } }>;

/** The log of deliveries: what was sent, what was answered, and what that means for Microsoft. */
export class DeliveryRoutes {
  constructor(
    private readonly deliveries: RingBuffer<Delivery>,
    private readonly manual: ManualDeliveries,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/deliveries', async (request) => this.list(request));
    server.get('/deliveries/:id', async (request: IdRequest, reply) => this.show(request.params.id, reply));
    server.post('/deliveries/:id/redeliver', async (request: IdRequest, reply) => {
      return sent(await this.manual.redeliver(request.params.id, parsed(redeliverySchema, request.body)), reply);
    });
  }

  /** The newest that fit, oldest of them first. */
  private list(request: FastifyRequest) {
    const { limit = listedByDefault, ...wanted } = parsed(filterSchema, request.query);
    const fields = Object.keys(wanted) as (keyof typeof wanted)[];
    const fits = (delivery: Delivery) => fields.every((field) => delivery[field] === wanted[field]);
    return { deliveries: this.deliveries.newest(limit, fits).map(deliveryView) };
  }

  private show(id: string, reply: FastifyReply) {
    const delivery = this.deliveries.find((one) => one.id === id);
    if (delivery) return deliveryView(delivery);
    return reply.code(404).send({ error: `There is no delivery ${id}, or it was so long ago that it is not kept any more.` });
  }
}

/** What became of a delivery by hand. */
export function sent(outcome: Delivery | NotSent, reply: FastifyReply) {
  if (!('notSent' in outcome)) return deliveryView(outcome);
  const status = { unknown: 404, 'under-way': 409, busy: 503, 'broken-off': 409 }[outcome.notSent];
  return reply.code(status).send({ error: outcome.message });
}
