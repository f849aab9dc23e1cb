import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BulkMaker } from '../../bulk/bulk.maker';
import { bulkRequest, type BulkRequest } from '../../bulk/bulk.request';
import type { OfferedPlan } from '../../bulk/timeline.generator';
import type { Catalogue } from '../../offers/catalogue';
import { ControlInputError, parsed } from '../control.schemas';

/** Many subscriptions by one call. */
export class BulkRoutes {
  constructor(
    private readonly maker: BulkMaker,
    private readonly catalogue: Catalogue,
  ) {}

  register(server: FastifyInstance): void {
    server.post('/subscriptions/bulk', async (request, reply) => this.make(parsed(bulkRequest, request.body), reply));
  }

  private async make(request: BulkRequest, reply: FastifyReply) {
    const outcome = await this.maker.make(request, this.plansFor(request));
    return 'refused' in outcome ? reply.code(409).send({ error: outcome.refused }) : reply.code(201).send(outcome);
  }

  /** The plans that every customer can buy, or those that the request names. */
  private plansFor({ offerIds, planIds }: BulkRequest): OfferedPlan[] {
    const { offers } = this.catalogue;
    const unknown = offerIds?.find((offerId) => !offers.some((offer) => offer.offerId === offerId));
    if (unknown !== undefined) throw problem('offerIds', `there is no offer ${unknown}`);
    const plans = offers
      .filter(({ offerId }) => !offerIds || offerIds.includes(offerId))
      .flatMap((offer) => offer.plans.map((plan) => ({ offer, plan })))
      .filter(({ plan }) => (planIds ? planIds.includes(plan.planId) : !plan.isStopSell && !plan.isPrivate));
    if (plans.length === 0) throw problem(planIds ? 'planIds' : 'offerIds', 'no plan of these offers can be bought');
    return plans;
  }
}

function problem(field: string, message: string): ControlInputError {
  return new ControlInputError(`${field}: ${message}`, [{ field, problem: message }]);
}
