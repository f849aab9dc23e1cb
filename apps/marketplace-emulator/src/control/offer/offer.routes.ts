import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Applications } from '../../applications/applications';
import { limits } from '../../limits';
import type { Catalogue } from '../../offers/catalogue';
import { planOf, type Offer } from '../../offers/offer';
import { offerSchema, planSwitchSchema } from '../../offers/offer.schema';
import { whatPublishingForbids } from '../../offers/published.offer';
import type { Atomically } from '../../state/atomically';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import { ControlInputError, parsed } from '../control.schemas';

type OfferRequest = FastifyRequest<{ Params: { offerId: string } }>;
type PlanRequest = FastifyRequest<{ Params: { offerId: string; planId: string } }>;

/** What the publisher sells, and to whom. In Partner Center an offer has to be published; here a change is in force at once. */
export class OfferRoutes {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly applications: Applications,
    private readonly catalogue: Catalogue,
    private readonly atomically: Atomically,
  ) {}

  register(server: FastifyInstance): void {
    const { catalogue } = this;
    server.get('/offers', async () => ({ offers: catalogue.offers }));
    server.get(
      '/offers/:offerId',
      async ({ params }: OfferRequest, reply) => catalogue.offer(params.offerId) ?? unknown(reply, params.offerId),
    );
    server.put('/offers/:offerId', async (request: OfferRequest, reply) => this.put(request, reply));
    server.patch('/offers/:offerId/plans/:planId', async (request: PlanRequest, reply) => this.switchPlan(request, reply));
    server.delete('/offers/:offerId', async ({ params }: OfferRequest, reply) => this.remove(params.offerId, reply));
  }

  /** Creates an offer, or puts another version in its place. The id is that of the path; in the body it may be left out. */
  private put(request: OfferRequest, reply: FastifyReply) {
    const { offerId } = request.params;
    const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
    const wanted = parsed(offerSchema, { offerId, ...body });
    if (wanted.offerId !== offerId) {
      const problem = `must be ${offerId} as in the path, or be left out`;
      throw new ControlInputError(`offerId: ${problem}`, [{ field: 'offerId', problem }]);
    }
    const { applicationId } = wanted;
    if (applicationId !== undefined && !this.applications.get(applicationId)) {
      const problem = `there is no application ${applicationId}; POST /control/applications registers one`;
      throw new ControlInputError(`applicationId: ${problem}`, [{ field: 'applicationId', problem }]);
    }
    return this.replace(wanted, reply);
  }

  private switchPlan(request: PlanRequest, reply: FastifyReply) {
    const { offerId, planId } = request.params;
    const offer = this.catalogue.offer(offerId);
    if (!offer) return unknown(reply, offerId);
    const plan = planOf(offer, planId);
    if (!plan) return reply.code(404).send({ error: `Offer ${offerId} has no plan ${planId}.` });
    const wanted = parsed(planSwitchSchema, request.body);
    const changed = { ...plan, ...(wanted.isPrivate === false ? { audience: [] } : {}), ...wanted };
    const plans = offer.plans.map((other) => (other === plan ? changed : other));
    return this.replace(parsed(offerSchema, { ...offer, plans }), reply);
  }

  private replace(wanted: Offer, reply: FastifyReply) {
    const { catalogue } = this;
    const before = catalogue.offer(wanted.offerId);
    if (!before && catalogue.offers.length >= limits.offers)
      return reply.code(409).send({ error: `There are ${limits.offers} offers already; take one away first.` });
    const forbidden = before ? whatPublishingForbids(before, wanted, this.plansHeldOf(before)) : [];
    if (forbidden.length > 0) return reply.code(409).send({ error: forbidden.join(' ') });
    this.atomically(() => catalogue.put(wanted));
    return reply.code(before ? 200 : 201).send(wanted);
  }

  private remove(offerId: string, reply: FastifyReply) {
    const offer = this.catalogue.offer(offerId);
    if (!offer) return unknown(reply, offerId);
    if (this.plansHeldOf(offer).size > 0) {
      return reply.code(409).send({
        error: `Offer ${offerId} has subscriptions, which Microsoft never forgets; withdraw its plans from sale by isStopSell instead.`,
      });
    }
    this.atomically(() => this.catalogue.remove(offerId));
    return reply.code(204).send();
  }

  /** The plans of its subscriptions. Looks at all of them. */
  private plansHeldOf({ offerId }: Offer): Set<string> {
    const held = new Set<string>();
    this.subscriptions.some((subscription) => {
      if (subscription.offerId === offerId) held.add(subscription.planId);
      return false;
    });
    return held;
  }
}

function unknown(reply: FastifyReply, offerId: string) {
  return reply.code(404).send({ error: `There is no offer ${offerId}; GET /control/offers lists them.` });
}
