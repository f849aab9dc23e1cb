import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Applications } from '../../applications/applications';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Atomically } from '../../state/atomically';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { ApiAnswers } from '../api.answers';
import { apiErrors } from '../api.error';
import { refuseAuthorization } from '../auth.failure';
import type { PurchaseTokens } from './purchase.tokens';
import type { TokenUses } from './token.uses';

const refusals = {
  invalid: 'The token could not be decrypted.',
  expired: 'The token has expired.',
  early: 'The token is not valid yet.',
} as const;

/** Exchanges the token of the landing page for the subscription, in whatever state that is, and changes nothing (contract 3.3). */
export class ResolveRoute {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly applications: Applications,
    private readonly settings: SettingsRepository,
    private readonly atomically: Atomically,
    private readonly tokens: PurchaseTokens,
    private readonly uses: TokenUses,
    private readonly answers: ApiAnswers,
  ) {}

  register(server: FastifyInstance): void {
    server.post('/saas/subscriptions/resolve', async (request, reply) => this.resolve(request, reply));
  }

  private resolve(request: FastifyRequest, reply: FastifyReply) {
    const { subscriptions, applications, settings } = this;
    const token = request.headers['x-ms-marketplace-token'];
    const bad = (message: string, code = 'InvalidValue') => apiErrors.bad(reply, message, code, 'x-ms-marketplace-token');
    if (typeof token !== 'string' || token === '') return bad('Mandatory header missing', 'HeaderNotPresent');
    const read = this.tokens.read(token);
    if (typeof read === 'string') return bad(refusals[read]);
    const subscription = subscriptions.get(read.subscriptionId);
    if (!subscription) return bad('The token is for a subscription that does not exist.');
    request.call.subscriptionId = subscription.id;
    if (!applications.mayUse(request.caller, subscription)) return refuseAuthorization(reply, settings);
    if (settings.current.purchaseTokenUses === 'once') {
      if (this.uses.isUsed(token)) return bad('The token has been used already.');
      this.atomically(() => this.uses.useUp(token));
    }
    return this.answers.resolved(subscription);
  }
}
