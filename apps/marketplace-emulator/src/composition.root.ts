import type { FastifyInstance } from 'fastify';
import type { Application } from './applications/application';
import { Applications } from './applications/applications';
import { BreachDetection } from './breaches/breach.detection';
import { CallLedger } from './calls/call.ledger';
import { composeControl } from './control/control.composition';
import { keepForeignPagesOut } from './control/own.origin';
import { controlPlugin } from './control/control.plugin';
import type { EmulatorOptions } from './emulator.options';
import { callFaultsOf } from './faults/faults.composition';
import { keepProfileInForce } from './faults/profile/profile.in.force';
import { FaultRepository } from './faults/rule/fault.repository';
import type { FaultRule } from './faults/rule/fault.rule';
import { ApiGate } from './fulfillment/api.gate';
import { composeFulfillment } from './fulfillment/fulfillment.composition';
import { fulfillmentPlugin } from './fulfillment/fulfillment.plugin';
import { LandingLinks } from './fulfillment/purchase/landing.links';
import { PurchaseTokens } from './fulfillment/purchase/purchase.tokens';
import type { Addresses } from './identity/addresses';
import { identityRoutes } from './identity/identity.composition';
import { identityPlugin } from './identity/identity.plugin';
import { BearerTokens } from './identity/token/bearer.tokens';
import type { SigningKeys } from './identity/token/signing.keys';
import { TokenSigner } from './identity/token/token.signer';
import { WebhookTokens } from './identity/token/webhook.tokens';
import { installationIn, type Installation } from './installation/installation';
import { Metering } from './metering/metering';
import { builtInOffers } from './offers/built-in.offers';
import { Catalogue, type OfferChange } from './offers/catalogue';
import { offersFrom } from './offers/offers.file';
import { PublisherAddresses } from './offers/publisher.addresses';
import { Billing } from './operation/billing';
import { ChangeRequests } from './operation/change.requests';
import type { Operation } from './operation/operation';
import { OperationOpener } from './operation/operation.opener';
import { OperationRepository } from './operation/operation.repository';
import { Settlement } from './operation/settlement';
import { People } from './people/people';
import type { Person } from './people/person';
import type { Settings } from './settings/settings';
import { SettingsRepository, type StoredSettings } from './settings/settings.repository';
import type { Atomically } from './state/atomically';
import type { DocumentStore } from './state/document.store';
import type { Contents } from './state/snapshot.store';
import { Shop } from './store/shop';
import { StoreRoutes } from './store/store.routes';
import { LifeCycle } from './subscription/life.cycle';
import { Purchases } from './subscription/purchases';
import type { Subscription } from './subscription/subscription';
import { SubscriptionRepository } from './subscription/subscription.repository';
import { Advance } from './time/advance';
import { Clock, clockKind, type StoredClock } from './time/clock';
import { Scheduler, type Timer } from './time/scheduler';
import { LinkTrap } from './traps/link.trap';
import { TrapRoutes } from './traps/trap.routes';
import { Views } from './views/views';
import { BadTokenSigner } from './webhook/token/bad.token.signer';
import type { WaitingWebhook } from './webhook/waiting.webhook';
import { composeWebhooks } from './webhook/webhook.composition';
import { WebhookQueue } from './webhook/webhook.queue';

/**
 * Where the emulator is put together. No other file knows all of its parts. The routes get what they need and no more; the compositions of
 * identity, fulfillment and control name in their own types what they take out of the parts that they are given.
 */
export class CompositionRoot {
  private readonly parts: ReturnType<typeof compose>;

  constructor(
    private readonly store: DocumentStore,
    readonly addresses: Addresses,
    private readonly keys: SigningKeys,
    options: EmulatorOptions,
    settings: Partial<Settings>,
    private readonly onError: (error: unknown) => void,
  ) {
    this.parts = compose(store, addresses, keys, options, settings, onError);
  }

  get installation(): Installation {
    return this.parts.installation;
  }

  get catalogue(): Catalogue {
    return this.parts.catalogue;
  }

  async register(server: FastifyInstance): Promise<void> {
    const { subscriptions, operations, people, catalogue, applications, webhooks, settings, scheduler, clock, atomically } = this.parts;
    const { opener, settlement, breachDetection, ledger, callFaults, purchaseTokens, landingLinks, metering, sending } = this.parts;
    const { store, addresses, keys } = this;
    const views = new Views();
    const changes = new ChangeRequests(people, catalogue, webhooks, settings, scheduler, clock, atomically, opener);
    const billing = new Billing(subscriptions, operations, webhooks, settings, clock, atomically, opener, settlement);
    new LifeCycle(subscriptions, operations, webhooks, settings, scheduler, clock, billing);
    const purchases = new Purchases(subscriptions, people, catalogue, webhooks, clock, atomically, opener);
    const shop = new Shop(subscriptions, people, catalogue, purchases, changes, billing);

    const identity = identityRoutes({ ...this.parts, addresses, keys, views });
    await server.register(identityPlugin(identity, ledger, callFaults, breachDetection.identityRecorder()));

    const recorder = breachDetection.apiRecorder({ applications, subscriptions, operations }, purchaseTokens);
    const gate = new ApiGate(this.parts.bearerTokens, applications, subscriptions, settings, ledger, callFaults, recorder);
    const fulfillment = composeFulfillment({ ...this.parts, store, addresses, changes });
    await server.register(fulfillmentPlugin(gate, settings, clock, ...fulfillment, ...metering.apiRoutes()), { prefix: '/api' });

    const { breaches } = breachDetection;
    const control = composeControl({ ...this.parts, store, keys, shop, changes, breaches }, (contents) => this.replace(contents));
    await server.register(controlPlugin(addresses, ...control), { prefix: '/control' });

    const { deliveries } = sending.transmitter;
    const pages = new StoreRoutes(subscriptions, operations, people, catalogue, webhooks, settings, shop, landingLinks, deliveries, views);
    await server.register(async (scope) => {
      keepForeignPagesOut(scope, addresses);
      pages.register(scope);
    });
    new TrapRoutes(this.parts.badTokenSigner, ledger, clock, breachDetection).register(server);
  }

  start(): void {
    this.parts.scheduler.start();
  }

  async stop(): Promise<void> {
    this.parts.scheduler.stop();
    await this.parts.advance.stop();
    await this.parts.sending.dispatcher.stop();
    await this.parts.linkTrap.close();
    this.parts.faults.stop();
  }

  /**
   * Other contents instead of the present ones: those of a snapshot, or none at all, which is the state after the first start. What is kept
   * in memory alone belongs to what is gone.
   */
  private replace(contents: Contents): void {
    const { ledger, breachDetection, linkTrap, sending, callFaults } = this.parts;
    this.store.replace(contents);
    ledger.calls.clear();
    breachDetection.clear();
    linkTrap.close().catch(this.onError);
    sending.dispatcher.reset();
    callFaults.release();
  }
}

/** What lives as long as the emulator, in the order in which the indexes are built after a reset. */
function compose(
  store: DocumentStore,
  addresses: Addresses,
  keys: SigningKeys,
  options: EmulatorOptions,
  settingsAtStart: Partial<Settings>,
  onError: (error: unknown) => void,
) {
  const atomically: Atomically = (change) => store.atomically(change);
  const clock = new Clock(store.collection<StoredClock>(clockKind));
  const ledger = new CallLedger(clock);
  const installation = installationIn(store.collection<Installation>('installation', { isLasting: true }), identityIn(options));
  const signer = new TokenSigner(keys, clock);
  const bearerTokens = new BearerTokens(keys, clock);
  const offers = options.offers ? offersFrom(options.offers) : builtInOffers;
  const catalogue = new Catalogue(offers, store.collection<OfferChange>('offer'));
  const breachDetection = new BreachDetection(clock, () => settings.current, onError);
  const linkTrap = new LinkTrap(addresses, clock, breachDetection);
  const people = new People(store.collection<Person>('person'));
  const scheduler = new Scheduler(store.collection<Timer>('timer'), clock, atomically, onError);
  const applications = new Applications(
    store.collection<Application>('application'),
    catalogue,
    installation,
    options.publishedToPreview,
    options.clientCertificate,
  );
  const subscriptions = new SubscriptionRepository(store.collection<Subscription>('subscription'), clock);
  const operations = new OperationRepository(store.collection<Operation>('operation'), clock);
  const settings = new SettingsRepository(store.collection<StoredSettings>('settings'), settingsAtStart);
  const faults = new FaultRepository(store.collection<FaultRule>('fault'), clock, onError);
  keepProfileInForce(settings, faults);
  const parties = { people, catalogue };
  const webhooks = new WebhookQueue(store.collection<WaitingWebhook>('webhook'), parties, scheduler, clock);
  const metering = new Metering({ applications, atomically, catalogue, clock, people, settings, subscriptions }, store);
  const opener = new OperationOpener(subscriptions, operations, webhooks, faults, clock);
  const settlement = new Settlement(subscriptions, operations, catalogue, settings, scheduler, clock, atomically, opener);
  const publisherAddresses = new PublisherAddresses(subscriptions, catalogue, settings);
  const badTokenSigner = new BadTokenSigner(keys, addresses, clock, applications);
  const sending = composeWebhooks({
    ...{ store, webhooks, subscriptions, operations, applications, people, catalogue, settings, faults, scheduler, clock, atomically },
    ...{ settlement, publisherAddresses, keys, badTokenSigner, ledger, onError },
    observer: breachDetection,
    tokens: new WebhookTokens(signer, addresses),
  });
  const advance = new Advance(clock, scheduler, sending.dispatcher);
  const purchaseTokens = new PurchaseTokens(installation, clock);
  const landingLinks = new LandingLinks(purchaseTokens, publisherAddresses, settings, addresses);
  const callFaults = callFaultsOf({ faults, subscriptions, operations, clock, purchaseTokens, addresses });
  return {
    ...{ atomically, clock, scheduler, ledger, installation, signer, bearerTokens, breachDetection, linkTrap },
    ...{ people, catalogue, applications, subscriptions, operations, settings, faults, webhooks },
    ...{ metering, opener, settlement, badTokenSigner, sending, advance, purchaseTokens, landingLinks, callFaults },
  };
}

function identityIn(options: EmulatorOptions): Partial<Installation> {
  const { tenantId, clientId, clientSecret, signinClientId, signinClientSecret } = options;
  const { operatorsAudience, operatorsClientId, operatorsClientSecret, operatorsRoles } = options;
  return {
    tenantId,
    clientId,
    clientSecret,
    signinClientId,
    signinClientSecret,
    operatorsAudience,
    operatorsClientId,
    operatorsClientSecret,
    operatorsRoles,
  };
}
