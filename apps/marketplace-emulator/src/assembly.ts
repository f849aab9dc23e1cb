import type { FastifyInstance } from 'fastify';
import type { Application } from './applications/application';
import { Applications } from './applications/applications';
import { BreachDetection } from './breaches/breach.detection';
import { BulkMaker } from './bulk/bulk.maker';
import { CallLedger } from './calls/call.ledger';
import { ApplicationRoutes } from './control/application.routes';
import { BulkRoutes } from './control/bulk.routes';
import { ClockRoutes } from './control/clock.routes';
import { CredentialRoutes } from './control/credential.routes';
import { BreachRoutes } from './control/breach.routes';
import { controlPlugin } from './control/control.plugin';
import { ControlRoutes } from './control/control.routes';
import { DeliveryRoutes } from './control/delivery.routes';
import { FaultRoutes } from './control/fault.routes';
import { FixtureRoutes } from './control/fixture.routes';
import { InspectionRoutes } from './control/inspection.routes';
import { InvoiceRoutes } from './control/invoice.routes';
import { OfferRoutes } from './control/offer.routes';
import { RenewalRoutes } from './control/renewal.routes';
import { Shop } from './control/shop';
import { SnapshotRoutes } from './control/snapshot.routes';
import { LinkTrapRoutes } from './control/trap.routes';
import { UsageControlRoutes } from './control/usage.routes';
import { WebhookRoutes } from './control/webhook.routes';
import type { EmulatorOptions } from './emulator.options';
import type { CallFaults } from './faults/call.faults';
import { FaultRepository } from './faults/rule/fault.repository';
import type { FaultRule } from './faults/rule/fault.rule';
import { callFaultsOf } from './faults/faults.composition';
import { FixtureLoader } from './fixtures/fixture.loader';
import { ApiGate } from './fulfillment/api.gate';
import { fulfillmentRoutes } from './fulfillment/fulfillment.assembly';
import { fulfillmentPlugin } from './fulfillment/fulfillment.plugin';
import { LandingLinks } from './fulfillment/landing.links';
import { PurchaseTokens } from './fulfillment/purchase.tokens';
import type { Addresses } from './identity/addresses';
import { BearerTokens } from './identity/token/bearer.tokens';
import { identityRoutes } from './identity/identity.composition';
import { identityPlugin } from './identity/identity.plugin';
import type { SigningKeys } from './identity/token/signing.keys';
import { TokenSigner } from './identity/token/token.signer';
import { WebhookTokens } from './identity/token/webhook.tokens';
import { installationIn, type Installation } from './installation/installation';
import type { Marketplace } from './marketplace';
import { Metering } from './metering/metering';
import { builtInOffers } from './offers/built-in.offers';
import { Catalogue, type OfferChange } from './offers/catalogue';
import { offersFrom } from './offers/offers.file';
import { Billing } from './operation/billing';
import { ChangeRequests } from './operation/change.requests';
import type { Operation } from './operation/operation';
import { OperationBook } from './operation/operation.book';
import { OperationOpener } from './operation/operation.opener';
import { Settlement } from './operation/settlement';
import { People } from './people/people';
import type { Person } from './people/person';
import { SettingsBook, type Settings, type StoredSettings } from './settings/settings';
import { SnapshotRepository } from './snapshots/snapshot.repository';
import type { DocumentStore } from './state/document.store';
import type { Contents } from './state/shelf';
import { StoreRoutes } from './store/store.routes';
import { LifeCycle } from './subscription/life.cycle';
import { Purchases } from './subscription/purchases';
import type { Subscription } from './subscription/subscription';
import { SubscriptionBook } from './subscription/subscription.book';
import { Advance } from './time/advance';
import { Clock, clockKind, type StoredClock } from './time/clock';
import { Scheduler, type Timer } from './time/scheduler';
import { LinkTrap } from './traps/link.trap';
import { TrapRoutes } from './traps/trap.routes';
import { Views } from './views/views';
import { TokenForger } from './webhook/token.forger';
import { WebhookDesk } from './webhook/webhook.desk';
import { WebhookQueue, type WaitingWebhook } from './webhook/webhook.queue';

/** A table of contents: every part of the emulator, and what it is made of. */
export class Assembly {
  readonly installation: Installation;
  readonly catalogue: Catalogue;
  private readonly clock: Clock;
  private readonly marketplace: Marketplace;
  private readonly ledger: CallLedger;
  private readonly advance: Advance;
  readonly views = new Views();
  private readonly opener: OperationOpener;
  private readonly settlement: Settlement;
  private readonly forger: TokenForger;
  private readonly webhookDesk: WebhookDesk;
  readonly signer: TokenSigner;
  readonly bearerTokens: BearerTokens;
  private readonly landingLinks: LandingLinks;
  private readonly purchaseTokens: PurchaseTokens;
  private readonly callFaults: CallFaults;
  private readonly metering: Metering;
  private readonly supervision: BreachDetection;
  private readonly linkTrap: LinkTrap;

  constructor(
    private readonly store: DocumentStore,
    readonly addresses: Addresses,
    readonly keys: SigningKeys,
    options: EmulatorOptions,
    settings: Partial<Settings>,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.clock = new Clock(store.collection<StoredClock>(clockKind));
    this.ledger = new CallLedger(this.clock);
    this.installation = installationIn(store.collection<Installation>('installation', { isLasting: true }), identityIn(options));
    this.signer = new TokenSigner(keys, this.clock);
    this.bearerTokens = new BearerTokens(keys, this.clock);
    const offers = options.offers ? offersFrom(options.offers) : builtInOffers;
    this.catalogue = new Catalogue(offers, store.collection<OfferChange>('offer'));
    this.supervision = new BreachDetection(this.clock, () => this.marketplace.settings.current, onFault);
    this.linkTrap = new LinkTrap(addresses, this.clock, this.supervision);
    this.marketplace = this.createMarketplace(options, settings, onFault);
    this.metering = new Metering(this.marketplace, store);
    this.opener = new OperationOpener(this.marketplace);
    this.settlement = new Settlement(this.marketplace, this.opener);
    const { marketplace, settlement, ledger } = this;
    const tokens = new WebhookTokens(this.signer, addresses);
    this.forger = new TokenForger(keys, addresses, this.clock);
    this.webhookDesk = new WebhookDesk({ store, marketplace, settlement, tokens, keys, ledger, forger: this.forger, onFault });
    this.advance = new Advance(this.clock, this.marketplace.scheduler, this.webhookDesk.dispatcher);
    this.purchaseTokens = new PurchaseTokens(this.installation, this.clock);
    this.landingLinks = new LandingLinks(this.purchaseTokens, this.marketplace, addresses);
    this.callFaults = callFaultsOf(this.marketplace, this.purchaseTokens, addresses);
  }

  async register(server: FastifyInstance): Promise<void> {
    const changes = new ChangeRequests(this.marketplace, this.opener);
    const billing = new Billing(this.marketplace, this.opener, this.settlement);
    new LifeCycle(this.marketplace, billing);
    const purchases = new Purchases(this.marketplace, this.opener);
    const shop = new Shop(this.marketplace, purchases, changes, billing);
    await server.register(
      identityPlugin(identityRoutes(this, this.marketplace), this.ledger, this.callFaults, this.supervision.identityRecorder()),
    );
    await server.register(this.fulfillment(changes), { prefix: '/api' });
    await server.register(this.control(shop, changes), { prefix: '/control' });
    new StoreRoutes(this.marketplace, shop, this.landingLinks, this.webhookDesk.transmitter.deliveries, this.views).register(server);
    new TrapRoutes(this.forger, this.ledger, this.clock, this.supervision).register(server);
  }

  start(): void {
    this.marketplace.scheduler.start();
  }

  async stop(): Promise<void> {
    this.marketplace.scheduler.stop();
    await this.advance.stop();
    await this.webhookDesk.dispatcher.stop();
    await this.linkTrap.close();
    this.marketplace.faults.stop();
  }

  private createMarketplace(options: EmulatorOptions, settings: Partial<Settings>, onFault: (error: unknown) => void): Marketplace {
    const { store, clock, catalogue } = this;
    const people = new People(store.collection<Person>('person'));
    const atomically = <R>(change: () => R) => store.atomically(change);
    const scheduler = new Scheduler(store.collection<Timer>('timer'), clock, atomically, onFault);
    const applications = new Applications(
      store.collection<Application>('application'),
      catalogue,
      this.installation,
      options.publishedToPreview,
      options.clientCertificate,
    );
    return {
      people,
      applications,
      catalogue,
      clock,
      scheduler,
      atomically,
      subscriptions: new SubscriptionBook(store.collection<Subscription>('subscription'), clock),
      operations: new OperationBook(store.collection<Operation>('operation'), clock),
      settings: new SettingsBook(store.collection<StoredSettings>('settings'), settings),
      faults: new FaultRepository(store.collection<FaultRule>('fault'), clock, onFault),
      observer: this.supervision,
      webhooks: new WebhookQueue(store.collection<WaitingWebhook>('webhook'), people, catalogue, scheduler, clock),
    };
  }

  private fulfillment(changes: ChangeRequests) {
    const { store, marketplace, addresses, opener, settlement, purchaseTokens } = this;
    const witness = this.supervision.apiRecorder(marketplace, purchaseTokens);
    const gate = new ApiGate(this.bearerTokens, marketplace, this.ledger, this.callFaults, witness);
    const routes = fulfillmentRoutes({ store, marketplace, addresses, opener, settlement, changes, purchaseTokens });
    return fulfillmentPlugin(gate, marketplace.settings, ...routes, ...this.metering.apiRoutes());
  }

  private control(shop: Shop, changes: ChangeRequests) {
    const inspection = new InspectionRoutes(this.marketplace, this.ledger, this.keys, () => this.replace(new Map()));
    const snapshots = new SnapshotRepository(this.store, this.clock, (contents) => this.replace(contents));
    return controlPlugin(
      new ControlRoutes(this.marketplace, shop, this.landingLinks),
      inspection,
      new OfferRoutes(this.marketplace),
      new ApplicationRoutes(this.marketplace),
      new CredentialRoutes(this.marketplace.applications),
      new ClockRoutes(this.clock, this.advance),
      new RenewalRoutes(this.marketplace),
      new DeliveryRoutes(this.webhookDesk),
      new FaultRoutes(this.marketplace.faults),
      new BreachRoutes(this.supervision.breaches),
      new LinkTrapRoutes(this.linkTrap),
      new FixtureRoutes(new FixtureLoader(this.marketplace, changes)),
      new BulkRoutes(new BulkMaker(this.marketplace), this.marketplace.catalogue),
      new SnapshotRoutes(snapshots, () => this.store.kinds),
      new UsageControlRoutes(this.marketplace, this.metering.repository, this.metering.refused),
      new InvoiceRoutes(this.marketplace, this.metering.history, this.metering.repository),
      new WebhookRoutes(this.marketplace, this.webhookDesk),
    );
  }

  /**
   * Other contents instead of the present ones: those of a snapshot, or none at all, which is the state after the first start. What is kept in memory alone
   * belongs to what is gone.
   */
  private replace(contents: Contents): void {
    this.store.replace(contents);
    this.ledger.calls.clear();
    this.supervision.forget();
    this.linkTrap.close().catch(this.onFault);
    this.webhookDesk.dispatcher.reset();
    this.callFaults.release();
  }
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
