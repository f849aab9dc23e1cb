import type { Breach } from '../breaches/breach.repository';
import type { BulkOutcome } from '../bulk/bulk.maker';
import type { Call } from '../calls/call.ledger';
import type { LoadedFixture } from '../fixtures/fixture.loader';
import type { Person } from '../people/person';
import type { Settings } from '../settings/settings';
import type { SnapshotFile, SnapshotSummary } from '../snapshots/snapshot';
import type { Advanced } from '../time/advance';
import type * as the from './control.answers';
import { ControlCall } from './control.call';

type Listing = { subscriptionId?: string; limit?: number };

type Renewal = { autoRenew?: boolean; nextPaymentFails?: boolean };

/**
 * The control API from a test or a script, over HTTP: of an emulator in this process or in another one. Whatever the emulator refuses is
 * thrown as `ControlRefused` with its sentence.
 */
export class ControlClient {
  private readonly call: ControlCall;

  /** @param controlUrl ends in `/control` */
  constructor(controlUrl: string) {
    this.call = new ControlCall(controlUrl);
  }

  buy = (order: the.PurchaseInput = {}) => this.call.send<the.Purchased>('POST', '/purchases', order);
  subscription = (id: string) => this.call.get<the.SubscriptionTruth>(`/subscriptions/${id}`);
  subscriptions = (query: the.SubscriptionQuery = {}) =>
    this.call.get<{ subscriptions: the.SubscriptionListed[]; next: number | null }>('/subscriptions', query);
  /** Many subscriptions in the middle of their terms. */
  bulk = (request: the.BulkInput) => this.call.send<BulkOutcome>('POST', '/subscriptions/bulk', request);
  /** *Manage account*: an address with a fresh purchase token. */
  landingLink = async (id: string) => (await this.act<{ landingUrl: string }>(id, 'landing-links')).landingUrl;

  changePlan = (id: string, planId: string) => this.act<{ operationId: string }>(id, 'change-plan', { planId });
  changeQuantity = (id: string, quantity: number) => this.act<{ operationId: string }>(id, 'change-quantity', { quantity });
  suspend = (id: string) => this.act<{ operationId: string }>(id, 'suspend');
  reinstate = (id: string) => this.act<{ operationId: string }>(id, 'reinstate');
  renew = (id: string) => this.act<{ operationId: string }>(id, 'renew');
  unsubscribe = (id: string) => this.act<{ operationId: string }>(id, 'unsubscribe');
  /** How the term ends. */
  changeRenewal = (id: string, changes: Renewal) => this.call.send<the.SubscriptionListed>('PATCH', `/subscriptions/${id}`, changes);
  invoice = (id: string) => this.call.get<the.Invoice>(`/subscriptions/${id}/invoice`);

  /** The newest, oldest of them first. */
  deliveries = async (query: Listing & { operationId?: string; action?: string; verdict?: string } = {}) =>
    (await this.call.get<{ deliveries: the.DeliveryTruth[] }>('/deliveries', query)).deliveries;
  /** Once more, with a fresh token, or with a bad one or another body. */
  redeliver = (deliveryId: string, changes: the.RedeliveryInput = {}) =>
    this.call.send<the.DeliveryTruth>('POST', `/deliveries/${deliveryId}/redeliver`, changes);
  calls = async (query: Listing = {}) => (await this.call.get<{ calls: Call[] }>('/calls', query)).calls;
  breaches = (query: Listing & { rule?: string; severity?: 'breach' | 'advice' } = {}) =>
    this.call.get<{ breaches: Breach[]; counts: unknown }>('/breaches', query);

  settings = () => this.call.get<Settings>('/settings');
  changeSettings = (changes: the.SettingsInput) => this.call.send<Settings>('PATCH', '/settings', changes);
  people = (query: { from?: number; limit?: number } = {}) => this.call.get<{ people: Person[]; next: number | null }>('/people', query);
  addPerson = (person: the.PersonInput) => this.call.send<Person>('POST', '/people', person);
  rotateKeys = (wanted: { withdrawOld?: boolean } = {}) => this.call.send<{ kid: string }>('POST', '/keys/rotate', wanted);
  /** Nothing bought, nothing waiting, the settings of the start; keys, secrets and snapshots stay. */
  reset = async () => void (await this.call.send('POST', '/reset'));

  readonly clock = {
    get: () => this.call.get<{ now: string; offsetMs: number; advancingTo: string | null }>('/clock'),
    /** @param duration ISO 8601, such as `P40D` */
    advance: (duration: string, restMs?: number) => this.arrive({ duration, restMs }),
    advanceTo: (instant: string, restMs?: number) => this.arrive({ to: instant, restMs }),
  };

  readonly faults = {
    add: (fault: the.FaultInput) => this.call.send<the.FaultTruth>('POST', '/faults', fault),
    list: async () => (await this.call.get<{ faults: the.FaultTruth[] }>('/faults')).faults,
    remove: (id: string) => this.call.send<the.FaultTruth>('DELETE', `/faults/${id}`),
    profiles: () => this.call.get<the.FaultProfiles>('/fault-profiles'),
    removeAll: () => this.call.send<{ removed: number }>('DELETE', '/faults'),
  };

  readonly webhooks = {
    waiting: (query: Listing & { action?: string; from?: number } = {}) =>
      this.call.get<the.WebhookSummary & { webhooks: the.WaitingWebhook[]; next: number | null }>('/webhooks', query),
    pause: () => this.call.send<the.WebhookSummary>('POST', '/webhooks/pause'),
    resume: (how: { order?: 'as-due' | 'shuffled'; seed?: number } = {}) =>
      this.call.send<the.WebhookSummary>('POST', '/webhooks/resume', how),
  };

  readonly snapshots = {
    take: (name: string) => this.call.send<SnapshotSummary>('POST', '/snapshots', { name }),
    list: async () => (await this.call.get<{ snapshots: SnapshotSummary[] }>('/snapshots')).snapshots,
    restore: (name: string) => this.call.send<SnapshotSummary>('POST', `/snapshots/${encodeURIComponent(name)}/restore`),
    delete: (name: string) => this.call.send<void>('DELETE', `/snapshots/${encodeURIComponent(name)}`),
    /** As a file for a team's own repository. */
    download: (name: string) => this.call.get<SnapshotFile>(`/snapshots/${encodeURIComponent(name)}`),
    upload: (name: string, file: SnapshotFile) => this.call.send<SnapshotSummary>('PUT', `/snapshots/${encodeURIComponent(name)}`, file),
  };

  readonly fixtures = {
    list: async () => (await this.call.get<{ fixtures: the.FixtureListed[] }>('/fixtures')).fixtures,
    /** Its subscriptions' ids by key. */
    load: async (name: string) => (await this.call.send<LoadedFixture>('POST', `/fixtures/${encodeURIComponent(name)}`)).subscriptions,
  };

  /** Goes on until time has arrived: one call does at most a minute of real time. Events of all calls are counted. */
  private async arrive(wanted: { duration?: string; to?: string; restMs?: number }): Promise<Advanced> {
    const { restMs } = wanted;
    let advanced = await this.call.send<Advanced>('POST', '/clock/advance', wanted);
    while (!advanced.reached) {
      const { fired, webhooks, target } = advanced;
      const further = await this.call.send<Advanced>('POST', '/clock/advance', { to: target, restMs });
      advanced = { ...further, fired: fired + further.fired, webhooks: webhooks + further.webhooks };
    }
    return advanced;
  }

  private act<A>(id: string, action: string, body?: object): Promise<A> {
    return this.call.send<A>('POST', `/subscriptions/${id}/${action}`, body);
  }
}

/** The control API at an address, as `--json` prints it. */
export function controlClient(controlUrl: string): ControlClient {
  return new ControlClient(controlUrl);
}
