import type { Application } from '../applications/application';
import { Applications } from '../applications/applications';
import { installationIn, type Installation } from '../installation/installation';
import { Metering, type MeteringParts } from '../metering/metering';
import type { UsageOutcome } from '../metering/usage/usage.event';
import { builtInOffers } from '../offers/built-in.offers';
import { Catalogue, type OfferChange } from '../offers/catalogue';
import { People } from '../people/people';
import { defaultBuyer, type Person } from '../people/person';
import type { Settings } from '../settings/settings';
import { SettingsRepository, type StoredSettings } from '../settings/settings.repository';
import { DocumentStore } from '../state/document.store';
import { noJournal, type Journal } from '../state/journal';
import type { Subscription } from '../subscription/subscription';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { termFrom } from '../subscription/term';
import { Clock } from '../time/clock';

/** A clock that stands still until it is set. */
export class SetClock extends Clock {
  constructor(public atMs: number) {
    super();
  }

  override now(): number {
    return this.atMs;
  }
}

/** Everything that decides about usage, without HTTP, and one subscription of plan base that was bought and activated a week ago. */
export class MeteringSetup {
  readonly clock = new SetClock(Date.parse('2024-03-08T10:00:00Z'));
  readonly marketplace: MeteringParts & { settings: SettingsRepository };
  readonly metering: Metering;

  constructor(settings: Partial<Settings> = {}, journal: Journal = noJournal) {
    const store = new DocumentStore(journal);
    const catalogue = new Catalogue(builtInOffers, store.collection<OfferChange>('offer'));
    const installation = installationIn(store.collection<Installation>('installation'), {});
    this.marketplace = {
      clock: this.clock,
      catalogue,
      applications: new Applications(store.collection<Application>('application'), catalogue, installation, true),
      settings: new SettingsRepository(store.collection<StoredSettings>('settings'), settings),
      subscriptions: new SubscriptionRepository(store.collection<Subscription>('subscription'), this.clock),
      people: new People(store.collection<Person>('person')),
      atomically: (change) => store.atomically(change),
    };
    this.metering = new Metering(this.marketplace, store);
    this.buy('b8d6908b-0058-413a-cd62-000000000001', { status: 'Subscribed', term: termFrom(this.clock.atMs, 'P1M') });
    this.clock.atMs = Date.parse('2024-03-15T12:30:00Z');
  }

  get subscription(): Subscription {
    return this.marketplace.subscriptions.get('b8d6908b-0058-413a-cd62-000000000001') as Subscription;
  }

  buy(id: string, facts: Partial<Subscription> = {}): Subscription {
    const now = this.clock.timeStamp();
    return this.marketplace.subscriptions.put({
      id,
      position: this.marketplace.subscriptions.nextPosition,
      name: 'Fabrikam',
      offerId: 'contoso-reach',
      planId: 'base',
      quantity: null,
      status: 'PendingFulfillmentStart',
      termUnit: 'P1M',
      term: null,
      autoRenew: true,
      isFreeTrial: false,
      channel: 'direct',
      beneficiaryId: defaultBuyer.id,
      purchaserId: defaultBuyer.id,
      created: now,
      lastModified: now,
      activateCalls: 0,
      pendingOperationId: null,
      ...facts,
    });
  }

  /** Changes the subscription at an instant, and leaves the clock there. */
  at(instant: string, change: Partial<Subscription> = {}): void {
    this.clock.atMs = Date.parse(instant);
    this.marketplace.subscriptions.put({ ...this.subscription, ...change });
  }

  /** An event of this very moment, as the publisher would send it. */
  event(members: object = {}) {
    return {
      resourceId: this.subscription.id,
      quantity: 5,
      dimension: 'emails',
      effectiveStartTime: new Date(this.clock.atMs).toISOString(),
      planId: 'base',
      ...members,
    };
  }

  report(members: object = {}): UsageOutcome {
    return this.marketplace.atomically(() => this.metering.decision.decide(this.event(members), () => true));
  }
}
