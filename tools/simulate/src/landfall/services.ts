import {
  operationDecided,
  type Catalog,
  type DataOf,
  type Member,
  type Message,
  type MessageOf,
  type subscriptionActivated,
  type subscriptionChangeRequested,
  type subscriptionPlanChanged,
  type subscriptionSuspended,
} from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import type { Chance } from '../chance';
import type { Faults } from '../microsoft/faults';
import { atStart, shownSnapshot } from '../microsoft/members';
import type { MicrosoftApi } from '../microsoft/microsoft.api';
import { shortNameOf } from '../microsoft/operation';
import type { Scheduler } from '../scheduler';
import { dateHeaderOf, second } from '../time';
import type { Trace } from '../trace';
import type { Beginning } from '../scenario/scenario';
import { Customer } from './customer';
import { FulfillmentService } from '../fulfillment/fulfillment';
import { Gateway } from './gateway';
import { addressed, type Cause } from './messages';
import { Product } from './product';
import { ProvisioningService } from './provisioning';
import { closingRead, purchase } from './purchase';
import { publicTypes, SubscriptionService } from './subscription';
import { Topics } from './topics';

/** What was decided about an operation, once for each. */
export interface Verdict {
  readonly atMs: number;
  readonly operationId: string;
  readonly verdict: 'accepted' | 'refused';
}

/** A public event, as products read it. */
export interface PublicEvent {
  readonly atMs: number;
  /** Such as `suspended`. */
  readonly name: string;
  readonly sequence: number;
  /** The sweep whose read led to it; null: something else did. */
  readonly sweep: string | null;
  readonly state: DataOf<typeof subscriptionActivated> &
    Partial<
      Pick<DataOf<typeof subscriptionSuspended>, 'graceEndsAt'> &
        Pick<DataOf<typeof subscriptionPlanChanged>, 'overruled'> &
        Pick<DataOf<typeof subscriptionChangeRequested>, 'requestId'>
    >;
}

export interface ServicesOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly api: MicrosoftApi;
  readonly trace: Trace;
  readonly copyLagMs: number;
  readonly begins: Beginning;
  readonly catalog: Catalog;
}

/** Our side of a run: the real decisions of fulfillment and subscription, connected by stand-ins. */
export class Services {
  readonly fulfillment: FulfillmentService;
  readonly subscription: SubscriptionService;
  readonly customer: Customer;
  readonly product: Product;
  /** Null in a run whose set-up is over. */
  readonly provisioning: ProvisioningService | null;
  /** All public events since the beginning of the run. */
  readonly events: PublicEvent[] = [];
  readonly verdicts: Verdict[] = [];
  private hasBegun = false;
  readonly topics: Topics;
  private readonly gateway: Gateway;
  /** Messages of sweeps: the sweep of each, by the id of the message. */
  private readonly sweepOf = new Map<string, string>();

  constructor(private readonly options: ServicesOptions) {
    const { scheduler, chance, faults, api, trace, copyLagMs, catalog } = options;
    const { crash, backlog } = faults;
    this.topics = new Topics({ scheduler, chance, backlog });
    const common = { topics: this.topics, scheduler, chance, crash, trace };
    const pace = { copyLagMs, pollMs: 2 * second };
    this.gateway = new Gateway({ scheduler, topics: this.topics, catalog, emit: this.emitterOf('gateway') });
    const isBound = options.begins === 'set up';
    this.fulfillment = new FulfillmentService({ ...common, api, pace, isBound, emit: this.emitterOf('fulfillment') });
    this.subscription = new SubscriptionService({ ...common, copyLagMs, catalog, faults, emit: this.emitterOf('subscription') });
    this.customer = new Customer({ ...common, emit: this.emitterOf('gateway') });
    this.product = new Product({ ...common, faults, emit: this.emitterOf('product') });
    this.provisioning = isBound ? null : new ProvisioningService({ ...common, emit: this.emitterOf('provisioning') });
    if (isBound) this.register();
    this.hasBegun = true;
  }

  receive(...delivery: Parameters<Gateway['receive']>): void {
    this.gateway.receive(...delivery);
  }

  /** What a sweep found is told, and done, as all that fulfillment tells. */
  emitFound(sweep: string, effects: readonly Effect[], cause: Cause): void {
    this.emitterOf('fulfillment')(effects, cause, ({ id }) => this.sweepOf.set(id, sweep));
  }

  /** What happened before a run is nobody's matter. */
  private register(): void {
    const read = { snapshot: shownSnapshot(atStart, new Set()), readNo: this.fulfillment.nextReadNo(), date: dateHeaderOf(0) };
    for (const message of purchase(read)) this.subscription.receive(message);
    const shut = Object.entries(this.subscription.record!.members).map(([member, { change }]) => ({ member: member as Member, change }));
    this.subscription.receive(closingRead({ ...read, readNo: this.fulfillment.nextReadNo() }, shut));
  }

  private readonly emitterOf = (service: string) => (effects: readonly Effect[], cause: Cause, sent?: (message: Message) => void) => {
    if (!this.hasBegun) return;
    const { messages, jobs, overtakings } = addressed(effects, service, cause, this.options.scheduler.nowMs);
    for (const message of messages) {
      sent?.(message);
      if (publicTypes.has(message.type)) this.keep(message);
      else if (message.type === operationDecided.type) this.keepVerdict(message as MessageOf<typeof operationDecided>);
      this.topics.publish(message);
    }
    const performers = { provisioning: this.provisioning, subscription: this.subscription };
    const performer = performers[service as keyof typeof performers] ?? this.fulfillment;
    for (const one of overtakings) performer.jobs.overtake(one);
    for (const job of jobs) performer.jobs.add(job);
  };

  private keepVerdict({ data: { operationId, verdict, reason } }: MessageOf<typeof operationDecided>): void {
    const { scheduler, trace } = this.options;
    this.verdicts.push({ atMs: scheduler.nowMs, operationId, verdict });
    if (verdict === 'refused') trace('subscription', () => `refuses ${shortNameOf(operationId)}: ${reason}`);
  }

  private keep(message: Message): void {
    const event: PublicEvent = {
      atMs: this.options.scheduler.nowMs,
      name: message.type.split('.')[2]!,
      sequence: message.sequence!,
      state: message.data as PublicEvent['state'],
      sweep: this.sweepOf.get(message.causationId!) ?? null,
    };
    this.events.push(event);
    this.options.trace('event', () => told(event));
  }
}

function told({ name, state: { planId, quantity, status, access, cause, effectiveAt, graceEndsAt } }: PublicEvent): string {
  const because = cause.operationId ? `${cause.source} ${shortNameOf(cause.operationId)}` : cause.source;
  const grace = graceEndsAt ? `, grace until ${graceEndsAt}` : '';
  return `${name}: ${status} ${planId} ${quantity}, access ${access}, by ${because}, effective ${effectiveAt ?? 'unknown'}${grace}`;
}
