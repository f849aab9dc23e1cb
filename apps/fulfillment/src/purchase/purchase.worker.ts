import { Controller, Logger } from '@nestjs/common';
import { purchaseResolved, purchaseUnresolved, saysEnough, type DataOf } from '@landfall/contracts';
import { MarketplaceForbidden, MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Keyring } from '@landfall/service-defaults';
import { ContactEncryption } from '../contact/contact.encryption';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { purchasesUnresolved } from '../microsoft/microsoft.metrics';
import { retryLater } from '../microsoft/retry-later';
import { overtakenBy } from '../observation/overtaken.domain';
import { OtherRegistration } from '../registration/registration.errors';
import { tellOtherRegistration } from '../registration/registration.metrics';
import { boundPlans } from './plans.domain';
import { unresolvedReason, untilResolvedAgainMs, type ResolveFailure } from './purchase.domain';
import { resolvePurchase } from './purchase.job';

type ResolveJob = JobOf<typeof resolvePurchase>;
type UnresolvedReason = DataOf<typeof purchaseUnresolved>['reason'];

/** Asks Microsoft what customers bought. The token is in clear in here alone, and goes into no log, error or message. */
@Controller()
export class PurchaseWorker {
  private readonly logger = new Logger(PurchaseWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly keyring: Keyring,
    private readonly contacts: ContactEncryption,
  ) {}

  /** Resolve changes nothing at Microsoft (contract 3.3): it may be repeated freely. */
  @Performs(resolvePurchase)
  async resolve(job: ResolveJob): Promise<JobOutcome> {
    const { purchaseId, registration, encryptedToken } = job.payload;
    const token = await this.keyring.decryptReceived(encryptedToken);
    try {
      const { read, plans, contacts } = await this.microsoft.resolve(token, registration, job);
      if (!saysEnough(read.snapshot)) return this.saysTooLittle(job);
      const shown = boundPlans(plans, read.snapshot.planId);
      const encryptedContacts = await this.contacts.encrypt(contacts);
      const resolved = purchaseResolved({ purchaseId, subscriptionId: read.snapshot.subscriptionId, read, ...shown, encryptedContacts });
      return done(resolved, ...overtakenBy(read));
    } catch (error) {
      if (error instanceof OtherRegistration) tellOtherRegistration(this.logger, 'purchase', error);
      const reason = unresolvedReason(failureOf(error), job.ageMs);
      return reason ? this.giveUp(job.payload, reason, error) : retryLater(error, job.attempts);
    }
  }

  /** Registered without its status and its plan, nobody could say what was bought (rule 1): as if Microsoft had not answered. */
  private saysTooLittle({ payload, attempts, ageMs }: ResolveJob): JobOutcome {
    const error = new Error('Microsoft left out the status or the plan of the purchase');
    const reason = unresolvedReason({ kind: 'unanswered' }, ageMs);
    return reason ? this.giveUp(payload, reason, error) : again({ afterMs: untilResolvedAgainMs(attempts) }, error.message);
  }

  /** The customer is told what to do, and an operator what happened. */
  private giveUp({ purchaseId, registration }: ResolveJob['payload'], reason: UnresolvedReason, error: unknown): JobOutcome {
    purchasesUnresolved.inc({ registration, reason });
    if (reason === 'not-answered' || reason === 'not-ours')
      this.logger.error(
        { err: error, correlationId: purchaseId, registration, reason },
        'a purchase could not be looked up: its customer was sent back to Microsoft',
      );
    return done(purchaseUnresolved({ purchaseId, reason }));
  }
}

function failureOf(error: unknown): ResolveFailure {
  if (error instanceof MarketplaceRejected) {
    return { kind: 'rejected', explanation: `${error.microsoft?.code ?? ''} ${error.microsoft?.message ?? ''}` };
  }
  if (error instanceof MarketplaceNotFound) return { kind: 'not-found' };
  if (error instanceof OtherRegistration) return { kind: 'other-registration' };
  if (error instanceof MarketplaceForbidden) return { kind: 'forbidden' };
  return { kind: 'unanswered' };
}
