import type { Applications } from '../applications/applications';
import type { Breaches } from '../breaches/breaches';
import { BulkMaker } from '../bulk/bulk.maker';
import type { CallLedger } from '../calls/call.ledger';
import type { FaultRepository } from '../faults/rule/fault.repository';
import { FixtureLoader } from '../fixtures/fixture.loader';
import type { LandingLinks } from '../fulfillment/purchase/landing.links';
import type { SigningKeys } from '../identity/token/signing.keys';
import type { Metering } from '../metering/metering';
import type { ChangeRequests } from '../operation/change.requests';
import type { OperationRepository } from '../operation/operation.repository';
import type { SettingsRepository } from '../settings/settings.repository';
import { SnapshotRepository } from '../snapshots/snapshot.repository';
import type { Atomically } from '../state/atomically';
import type { DocumentStore } from '../state/document.store';
import type { Contents } from '../state/snapshot.store';
import type { Shop } from '../store/shop';
import type { Parties } from '../subscription/subscription.dto';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Advance } from '../time/advance';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { LinkTrap } from '../traps/link.trap';
import type { composeWebhooks } from '../webhook/webhook.composition';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { BreachRoutes } from './fault/breach.routes';
import { FaultRoutes } from './fault/fault.routes';
import { LinkTrapRoutes } from './fault/trap.routes';
import { ApplicationRoutes } from './offer/application.routes';
import { CredentialRoutes } from './offer/credential.routes';
import { OfferRoutes } from './offer/offer.routes';
import { ClockRoutes } from './state/clock.routes';
import { InspectionRoutes } from './state/inspection.routes';
import { SnapshotRoutes } from './state/snapshot.routes';
import { BulkRoutes } from './subscription/bulk.routes';
import { FixtureRoutes } from './subscription/fixture.routes';
import { InvoiceRoutes } from './subscription/invoice.routes';
import { RenewalRoutes } from './subscription/renewal.routes';
import { SubscriptionControlRoutes } from './subscription/subscription.routes';
import { SubscriptionViews } from './subscription/subscription.views';
import { UsageControlRoutes } from './subscription/usage.routes';
import { DeliveryRoutes } from './webhook/delivery.routes';
import { WebhookRoutes } from './webhook/webhook.routes';

interface ControlParts extends Parties {
  store: DocumentStore;
  subscriptions: SubscriptionRepository;
  operations: OperationRepository;
  applications: Applications;
  webhooks: WebhookQueue;
  settings: SettingsRepository;
  faults: FaultRepository;
  scheduler: Scheduler;
  clock: Clock;
  atomically: Atomically;
  advance: Advance;
  shop: Shop;
  changes: ChangeRequests;
  landingLinks: LandingLinks;
  sending: ReturnType<typeof composeWebhooks>;
  metering: Metering;
  breaches: Breaches;
  linkTrap: LinkTrap;
  ledger: CallLedger;
  keys: SigningKeys;
}

/**
 * The calls of the control API, and what works behind them.
 * @param replace puts contents in the place of the present ones
 */
export function composeControl(parts: ControlParts, replace: (contents: Contents) => void) {
  const { store, subscriptions, operations, applications, people, catalogue, webhooks, settings, scheduler, clock, atomically } = parts;
  const { sending, metering } = parts;
  const snapshots = new SnapshotRepository(store, clock, replace);
  const views = new SubscriptionViews(parts, operations, webhooks, parts.faults, scheduler);
  return [
    new SubscriptionControlRoutes(subscriptions, people, views, parts.shop, parts.landingLinks),
    new InspectionRoutes(people, settings, parts.ledger, parts.keys, () => replace(new Map())),
    new OfferRoutes(subscriptions, applications, catalogue, atomically),
    new ApplicationRoutes(applications, catalogue),
    new CredentialRoutes(applications),
    new ClockRoutes(clock, parts.advance),
    new RenewalRoutes(subscriptions, clock, atomically, views),
    new DeliveryRoutes(sending.transmitter.deliveries, sending.manual),
    new FaultRoutes(parts.faults, settings),
    new BreachRoutes(parts.breaches),
    new LinkTrapRoutes(parts.linkTrap),
    new FixtureRoutes(new FixtureLoader({ subscriptions, operations, catalogue, clock, atomically }, parts.changes)),
    new BulkRoutes(new BulkMaker({ subscriptions, operations, people, clock, atomically }), catalogue),
    new SnapshotRoutes(snapshots, () => store.kinds),
    new UsageControlRoutes(atomically, metering.repository, metering.refused),
    new InvoiceRoutes(subscriptions, catalogue, metering.history, metering.repository),
    new WebhookRoutes(subscriptions, webhooks, sending.pause, sending.dispatcher, sending.manual),
  ];
}
