import { Clock } from '@landfall/service-defaults';
import { Controller } from '@nestjs/common';
import { purchaseResolved, purchaseUnresolved, type DataOf } from '@landfall/contracts';
import { MarketplaceForbidden, MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Keyring } from '@landfall/service-defaults';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { MicrosoftAway } from '../microsoft/microsoft.errors';
import { whenAway } from '../microsoft/waiting';
import { resolvePurchase } from './purchase.job';

type ResolveJob = JobOf<typeof resolvePurchase>;
type Reason = DataOf<typeof purchaseUnresolved>['reason'];

/** A purchase token lives for 24 hours (contract 3.3): after that no answer can come any more. */
const TOKEN_LIFE_MS = 24 * 3_600_000;

/** Asks Microsoft what customers bought. The token is open in here alone, and goes into no log, error or message. */
@Controller()
export class PurchaseWorker {
  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /** Resolve changes nothing at Microsoft (contract 3.3): it may be repeated freely. */
  @Performs(resolvePurchase)
  async resolve(job: ResolveJob): Promise<JobOutcome> {
    const { purchaseId, encryptedToken } = job.payload;
    const token = await this.keyring.decryptReceived(encryptedToken);
    try {
      const { snapshot, plans, readAt } = await this.microsoft.resolve(token, job);
      return done(purchaseResolved({ purchaseId, subscriptionId: snapshot.subscriptionId, snapshot, plans, readAt }));
    } catch (error) {
      const reason = this.reasonOf(error, job);
      return reason ? done(purchaseUnresolved({ purchaseId, reason })) : whenAway(error, job.attempts);
    }
  }

  private reasonOf(error: unknown, { createdAt }: ResolveJob): Reason | null {
    if (error instanceof MarketplaceRejected) return saysExpired(error) ? 'token-expired' : 'token-rejected';
    if (error instanceof MarketplaceNotFound) return 'not-found';
    const isOver = this.clock.now().getTime() - Date.parse(createdAt) >= TOKEN_LIFE_MS;
    // mostly our own registration's fault, so the customer is asked to wait (contract 5.5); only a purchase that stays closed is not ours
    if (error instanceof MarketplaceForbidden) return isOver ? 'not-ours' : null;
    return error instanceof MicrosoftAway && isOver ? 'token-expired' : null;
  }
}

/** Microsoft documents no code for it (contract 3.3): where its words tell, the customer gets the better explanation. */
const saysExpired = ({ microsoft }: MarketplaceRejected): boolean => /expir/i.test(`${microsoft?.code ?? ''} ${microsoft?.message ?? ''}`);
