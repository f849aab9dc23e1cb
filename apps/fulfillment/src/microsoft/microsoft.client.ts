import { Injectable } from '@nestjs/common';
import {
  MarketplaceConflict,
  MarketplaceError,
  MarketplaceNotFound,
  MarketplaceRejected,
  MarketplaceUnavailable,
  type CallContext,
  type Subscription,
} from '@landfall/marketplace-client';
import type { Subject } from '../registration/subject';
import { RegistrationAccess, type Access } from '../registration/registration.access';
import { RegistrationNotConfigured } from '../registration/registration.errors';
import type { MarketplaceApi } from '../registration/registration.clients';
import { contextOf, translated, withOurErrors, type JobAtWork, type Work } from './asking';
import type { ChangingCall, RequestedChange } from './call';
import { CallLedger } from './call.ledger';
import { MicrosoftWordUnknown, SubscriptionNotShown, unsentRequestOf } from './microsoft.errors';
import { saysEnough, type SubscriptionRead } from '@landfall/contracts';
import { contactsOf, operationReadingOf, planOnOfferOf, snapshotOf } from './microsoft.mapping';
import { plansMissing, unknownWords } from './microsoft.metrics';
import type { ListedPage, OperationAnswer, Outstanding, PersonalReading, PurchaseReading } from './microsoft.readings';
import { ReadNumbers } from './read.numbers';

interface OperationIds extends Subject {
  readonly operationId: string;
}
/** How long a call may take, and what it is for where it is more than a read. */
type Bounds = Pick<CallContext, 'timeoutMs' | 'purpose'>;

/** What a purchase can do without is not waited for. */
const OPTIONAL = { timeoutMs: 2_000, isOptional: true };

/**
 * What this service asks of Microsoft, in our own types, each time by the client of the registration to which the subscription belongs. Outages
 * are thrown as `MicrosoftAway`, statuses that we don't know as `MicrosoftWordUnknown`, what belongs to another registration as
 * `OtherRegistration`, all else as the errors of marketplace-client. Calls that change something are in the ledger before they are made.
 */
@Injectable()
export class MicrosoftClient {
  constructor(
    private readonly access: RegistrationAccess,
    private readonly ledger: CallLedger,
    private readonly readNumbers: ReadNumbers,
  ) {}

  /** Get Subscription (contract 3.6). @throws SubscriptionNotShown, and what the class names */
  async subscription(subject: Subject, work: Work, bounds: Bounds = {}): Promise<SubscriptionRead> {
    return (await this.subscriptionWithContacts(subject, work, bounds)).read;
  }

  /** The same with what is personal in the answer. */
  async subscriptionWithContacts(subject: Subject, work: Work, bounds: Bounds = {}): Promise<PersonalReading> {
    const { subscriptionId } = subject;
    const began = performance.now();
    const [access, readNo] = await Promise.all([this.accessTo(subject), this.readNumbers.next()]); // before the call (rule 2)
    const context = { ...contextOf(work), ...leftOf(bounds, began) };
    return this.shown(subscriptionId, access, async () => {
      const found = await access.marketplace.getSubscription(subscriptionId, context).catch((error: unknown) => {
        throw error instanceof MarketplaceNotFound ? new SubscriptionNotShown(error) : error;
      });
      return { read: { snapshot: snapshotFrom(found), readNo, date: found.date }, contacts: contactsOf(found) };
    });
  }

  /**
   * One page of all subscriptions of a registration (contract 3.5): the first, or the one to which `link` leads. Entries that can't be read are named
   * beside the others.
   */
  async page(registration: string, link: string | null, work: Work): Promise<ListedPage> {
    const access = this.accessThrough(registration);
    return withOurErrors(access, async () => {
      const { subscriptions, unreadable, nextLink } = await access.marketplace.listPage(link, contextOf(work));
      return { listed: subscriptions.map((subscription) => snapshotFrom(subscription)), unreadable, nextLink };
    });
  }

  /** Get Operation (contract 3.10). To an operation that it does not show, Microsoft answers 404, or 400. */
  async operation(ids: OperationIds, work: Work, bounds: Bounds = {}): Promise<OperationAnswer> {
    const { subscriptionId, operationId } = ids;
    const began = performance.now();
    const access = await this.accessTo(ids);
    const context = { ...contextOf(work), ...leftOf(bounds, began) };
    return withOurErrors(access, async () => {
      try {
        const found = await access.marketplace.getOperation(subscriptionId, operationId, context);
        return { kind: 'shown', date: found.date, ...operationReadingOf(found) };
      } catch (error) {
        if (error instanceof MarketplaceNotFound || error instanceof MarketplaceRejected) return { kind: 'not-shown', date: error.date };
        throw error;
      }
    });
  }

  /** The operations that await our answer (contract 3.10). What this version does not understand of them is left out, and counted. */
  async outstanding(subject: Subject, work: Work, bounds: Bounds = {}): Promise<Outstanding> {
    const began = performance.now();
    const access = await this.accessTo(subject);
    const context = { ...contextOf(work), ...leftOf(bounds, began) };
    return withOurErrors(access, async () => {
      const { operations, date } = await access.marketplace.listOperations(subject.subscriptionId, context);
      const listed = operations.flatMap((operation) => {
        try {
          return [{ ...operationReadingOf(operation), operationId: operation.id }];
        } catch (error) {
          if (error instanceof MicrosoftWordUnknown) unknownWords.inc({ place: error.place });
          return [];
        }
      });
      return { date, operations: listed.filter(({ action }) => action !== ''), registration: access.registration };
    });
  }

  /**
   * Resolve (contract 3.3). What is missing there of status and plan is taken from Get Subscription (contract 3.6), and the private offer behind
   * the purchase from the list of plans, which alone names it. The customer came by the landing page of `registration`; nothing more is asked
   * about what belongs to another.
   */
  async resolve(purchaseToken: string, registration: string, work: Work): Promise<PurchaseReading> {
    const readNo = await this.readNumbers.next(); // before the call (rule 2)
    const access = this.accessThrough(registration);
    const context = { ...contextOf(work), purpose: 'purchase' } as const;
    return withOurErrors(access, async () => {
      const { subscription: inner, date, ...outer } = await access.marketplace.resolve(purchaseToken, context);
      await this.access.bind(inner.id, access);
      const resolved = { ...inner, planId: inner.planId ?? outer.planId, quantity: inner.quantity ?? outer.quantity };
      const subscription = saysEnough(snapshotOf(resolved)) ? resolved : await completed(access.marketplace, resolved, context);
      const [plans, purchased] = await Promise.all([
        plansOf(access.marketplace, subscription.id, context),
        subscription.planId ? plansOf(access.marketplace, subscription.id, context, { planId: subscription.planId }) : [],
      ]);
      const privateOfferId = purchased.find(({ planId }) => planId === subscription.planId)?.privateOfferIds[0];
      const read = { snapshot: snapshotFrom(subscription, privateOfferId), readNo, date };
      return { read, plans: plans.map(planOnOfferOf), contacts: contactsOf(subscription) };
    });
  }

  /** Activate (contract 3.4): billing begins. It means received, not done. */
  async activate({ subscriptionId }: Subject, bought: { planId: string; quantity: number | null }, job: JobAtWork): Promise<void> {
    const route = '/saas/subscriptions/{subscriptionId}/activate';
    const call = { method: 'POST', route, purpose: 'activation', subscriptionId } as const;
    await this.change(job, call, (marketplace, context) => marketplace.activate(subscriptionId, bought, context));
  }

  /** Cancel (contract 3.9). It means received, not cancelled; gives the id of the operation, where Microsoft names it. */
  async cancel({ subscriptionId }: Subject, job: JobAtWork): Promise<string | null> {
    const call = { method: 'DELETE', route: '/saas/subscriptions/{subscriptionId}', subscriptionId } as const;
    const { operationId } = await this.change(job, call, (marketplace, context) => marketplace.cancel(subscriptionId, context));
    return operationId;
  }

  /**
   * Change plan, change quantity, or Cancel (contract 3.8, 3.9). It means received, not done; gives the id of the operation, where Microsoft names it, and through
   * which registration it was asked for.
   */
  async request(
    { subscriptionId, action, planId, quantity }: RequestedChange,
    job: JobAtWork,
  ): Promise<{ operationId: string | null; registration: string }> {
    const route = '/saas/subscriptions/{subscriptionId}';
    const call = { method: action === 'Unsubscribe' ? 'DELETE' : 'PATCH', route, subscriptionId } as const;
    const ask = (marketplace: MarketplaceApi, context: CallContext) => {
      if (action === 'Unsubscribe') return marketplace.cancel(subscriptionId, context);
      return action === 'ChangePlan'
        ? marketplace.changePlan(subscriptionId, planId ?? '', context)
        : marketplace.changeQuantity(subscriptionId, quantity ?? 0, context);
    };
    return this.change(job, call, async (marketplace, context, registration) => {
      const { operationId } = await ask(marketplace, context);
      return { operationId, registration };
    });
  }

  /**
   * PATCH operation (contract 3.10). `over`: Microsoft has taken it, needs none any more (409), or will never take it (400). `unknown`: 500, which an
   * ended operation gives as well (rule 9), or 404, since a copy may not know it yet. Either way only reading the operation again shows what holds.
   */
  async acknowledge(ids: OperationIds, status: 'Success' | 'Failure', job: JobAtWork): Promise<'over' | 'unknown'> {
    const { subscriptionId, operationId } = ids;
    const route = '/saas/subscriptions/{subscriptionId}/operations/{operationId}';
    const call = { method: 'PATCH', route, purpose: 'acknowledgement', subscriptionId, operationId } as const;
    return this.change(job, call, async (marketplace, context) => {
      try {
        await marketplace.patchOperation(subscriptionId, operationId, status, context);
        return 'over';
      } catch (error) {
        if (error instanceof MarketplaceConflict || error instanceof MarketplaceRejected) return 'over';
        const isUnknown = error instanceof MarketplaceNotFound || (error instanceof MarketplaceUnavailable && error.status === 500);
        if (isUnknown) return 'unknown';
        throw error;
      }
    });
  }

  /** Makes a call whose attempts are announced in the ledger. One that surely did not leave is withdrawn: else a next run would wait for its effect. */
  private async change<T>(
    job: JobAtWork,
    call: ChangingCall,
    make: (marketplace: MarketplaceApi, context: CallContext, registration: string) => Promise<T>,
  ): Promise<T> {
    const access = await this.accessTo(call);
    const { registration } = access;
    const announce = this.ledger.announcing({ purpose: 'change', ...call, registration, correlationId: job.correlationId, jobId: job.id });
    try {
      return await make(access.marketplace, { ...contextOf(job), announce }, registration);
    } catch (error) {
      const unsent = unsentRequestOf(error);
      if (unsent !== null) await this.ledger.withdraw(unsent);
      throw translated(error, registration);
    }
  }

  /** Asks for a subscription. Once it is shown it belongs to that registration, before anything about it is published. */
  private async shown<T>(subscriptionId: string, access: Access, ask: () => Promise<T>): Promise<T> {
    return withOurErrors(access, async () => {
      const found = await ask();
      await this.access.bind(subscriptionId, access);
      return found;
    });
  }

  private async accessTo(subject: Subject): Promise<Access> {
    try {
      return await this.access.to(subject);
    } catch (error) {
      const registration = error instanceof RegistrationNotConfigured ? error.registration : subject.registration;
      throw translated(error, registration ?? 'unknown');
    }
  }

  private accessThrough(registration: string): Access {
    try {
      return this.access.through(registration);
    } catch (error) {
      throw translated(error, registration);
    }
  }
}

async function completed(marketplace: MarketplaceApi, resolved: Subscription, context: CallContext): Promise<Subscription> {
  try {
    const { status, planId } = await marketplace.getSubscription(resolved.id, context);
    return { ...resolved, status: resolved.status ?? status, planId: resolved.planId ?? planId };
  } catch (error) {
    if (error instanceof MarketplaceNotFound) return resolved; // its copies may lag (contract 3.1.3)
    throw error;
  }
}

/**
 * Empty where Microsoft shows none (of a subscription that has ended it answers 403 or 404, contract 3.7), and where it does not answer at
 * once. The plans are for display: no error and no silence about them holds up a purchase, nor counts against Microsoft.
 */
async function plansOf(marketplace: MarketplaceApi, subscriptionId: string, context: CallContext, filter?: { planId: string }) {
  try {
    return (await marketplace.listAvailablePlans(subscriptionId, { ...context, ...OPTIONAL }, filter)).plans;
  } catch (error) {
    if (!(error instanceof MarketplaceError)) throw error;
    plansMissing.inc({ reason: error.code });
    return [];
  }
}

function snapshotFrom(subscription: Subscription, privateOfferId?: string) {
  const snapshot = snapshotOf(subscription, privateOfferId);
  if (subscription.status && !snapshot.status) unknownWords.inc({ place: 'subscription status' });
  return snapshot;
}

/** A bound holds for what was looked up before the call and the call together. `began` is by `performance.now()`. */
const leftOf = ({ timeoutMs, ...purpose }: Bounds, began: number): Bounds =>
  timeoutMs === undefined ? purpose : { ...purpose, timeoutMs: Math.max(1, Math.ceil(timeoutMs - (performance.now() - began))) };
