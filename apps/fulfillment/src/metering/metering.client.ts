import type { UsageEvent } from '@landfall/contracts';
import { MarketplaceForbidden, MarketplaceNotFound, type Plan, type TakesUsage, type UsageAnswer } from '@landfall/marketplace-client';
import { Injectable } from '@nestjs/common';
import { contextOf, translated, withOurErrors, type Work } from '../microsoft/asking';
import { RegistrationAccess, type Access } from '../registration/registration.access';
import { RegistrationNotConfigured } from '../registration/registration.errors';

/** Called with our id of an attempt before that leaves: nothing leaves without it. */
type Announce = (requestId: string) => Promise<void>;

/** What this service asks of Microsoft's metering API (contract 6), and about plans for it. Errors are those of `MicrosoftClient`. */
@Injectable()
export class MeteringClient {
  constructor(private readonly access: RegistrationAccess) {}

  /** Through which registration usage of a subscription is reported: its own, and never another's. */
  async accessTo(subscriptionId: string): Promise<Access> {
    try {
      return await this.access.to({ subscriptionId });
    } catch (error) {
      throw translated(error, error instanceof RegistrationNotConfigured ? error.registration : 'unknown');
    }
  }

  report({ registration, marketplace }: Access, events: readonly UsageEvent[], announce: Announce, work: Work): Promise<UsageAnswer> {
    return withOurErrors({ registration }, () => marketplace.reportUsage(events, { ...contextOf(work), announce }));
  }

  /** The plan as Microsoft shows it to that subscription; null where its list does not name it. `date` is Microsoft's clock. */
  async plan(subscriptionId: string, planId: string, work: Work): Promise<{ plan: Plan | null; date: string }> {
    const { registration, marketplace } = await this.accessTo(subscriptionId);
    const context = { ...contextOf(work), purpose: 'metering' } as const;
    return withOurErrors({ registration }, async () => {
      const { plans, date } = await marketplace.listAvailablePlans(subscriptionId, context, { planId });
      return { plan: plans.find((one) => one.planId === planId) ?? null, date };
    });
  }

  /** All that Microsoft has recorded of one day for a registration; an attempt begins, and its rows are taken as they come. `date` is Microsoft's clock. */
  async recorded(registration: string, day: string, work: Work, begin: () => TakesUsage): Promise<{ date: string }> {
    const { marketplace } = this.accessThrough(registration);
    return withOurErrors({ registration }, () => marketplace.listUsage(day, contextOf(work), begin));
  }

  private accessThrough(registration: string): Access {
    try {
      return this.access.through(registration);
    } catch (error) {
      throw translated(error, registration);
    }
  }
}

/** Microsoft has answered that we are not let in, or that there is nothing at this address: no event of a batch is at fault. */
export const isShutOut = (error: unknown): error is MarketplaceForbidden | MarketplaceNotFound =>
  error instanceof MarketplaceForbidden || error instanceof MarketplaceNotFound;
