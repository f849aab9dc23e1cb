import { Controller } from '@nestjs/common';
import { purchaseResolved, purchaseUnresolved } from '@landfall/contracts';
import { MarketplaceForbidden, MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Clock, Keyring } from '@landfall/service-defaults';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { MicrosoftAway } from '../microsoft/microsoft.errors';
import { retryLater } from '../microsoft/retry-later';
import { unresolvedReason, type ResolveFailure } from './purchase.domain';
import { resolvePurchase } from './purchase.job';

type ResolveJob = JobOf<typeof resolvePurchase>;

/** Asks Microsoft what customers bought. The token is in clear in here alone, and goes into no log, error or message. */
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
      const { read, plans } = await this.microsoft.resolve(token, job);
      return done(purchaseResolved({ purchaseId, subscriptionId: read.snapshot.subscriptionId, read, plans }));
    } catch (error) {
      const failure = failureOf(error);
      const reason = failure && unresolvedReason(failure, this.clock.now().getTime() - Date.parse(job.createdAt));
      return reason ? done(purchaseUnresolved({ purchaseId, reason })) : retryLater(error, job.attempts);
    }
  }
}

function failureOf(error: unknown): ResolveFailure | null {
  if (error instanceof MarketplaceRejected) {
    return { kind: 'rejected', explanation: `${error.microsoft?.code ?? ''} ${error.microsoft?.message ?? ''}` };
  }
  if (error instanceof MarketplaceNotFound) return { kind: 'not-found' };
  if (error instanceof MarketplaceForbidden) return { kind: 'forbidden' };
  return error instanceof MicrosoftAway ? { kind: 'away' } : null;
}
