import {
  fulfillmentEvents,
  gatewayEvents,
  provisioningEvents,
  subscriptionEvents,
  stableId,
  type Catalog,
  type Message,
} from '@landfall/contracts';
import type { JobOf, Outcome } from '@landfall/messaging';
import {
  approvePurchase,
  askProduct,
  rejectPurchase,
  requestChange,
  SubscriptionConsumer,
  unchanged,
  type ChangeRequest,
  type Requested,
  type Subscription,
  type SubscriptionChange,
} from '@landfall/subscription/decisions';
import type { Faults } from '../microsoft/faults';
import type { Act, Asking, Decision } from '../scenario/act';
import { instantOf, msOf } from '../time';
import { Consumer, type ConsumerOptions } from './consumer';
import { Jobs, type RunningJob } from './jobs';
import type { Topics } from './topics';
import { VetoPerformer } from './veto';

export interface SubscriptionServiceOptions extends ConsumerOptions {
  readonly topics: Topics;
  readonly copyLagMs: number;
  readonly catalog: Catalog;
  readonly faults: Faults;
}

/** An operator's decision about a purchase, where there was one to make. */
export interface Decided extends Decision {
  readonly atMs: number;
}

/** The subscription service: its real decisions over a table in memory that has one row. */
export class SubscriptionService {
  /** The record, with the operations that it knows; undefined before it is registered. */
  private row: Pick<SubscriptionChange, 'subscription' | 'operations' | 'requests'> | undefined;
  /** What operators have been told. */
  readonly alarms: string[] = [];
  /** What operators decided. */
  readonly decided: Decided[] = [];
  /** What was asked of Microsoft on our side, by its id, as it stands. */
  readonly requests = new Map<string, ChangeRequest>();
  readonly jobs: Jobs;
  private readonly consumers: Consumer<SubscriptionChange>[] = [];

  constructor(private readonly options: SubscriptionServiceOptions) {
    const { topics, copyLagMs } = options;
    const veto = new VetoPerformer({
      ...options,
      load: () => this.table.load(),
      record: (outcome, { id, correlationId }) => this.keep(outcome, id, correlationId),
    });
    this.jobs = new Jobs({ [askProduct.kind]: (job, end) => veto.ask(job as RunningJob & JobOf<typeof askProduct>, end) }, options);
    const stages = new SubscriptionConsumer(undefined as never, undefined as never, copyLagMs, { current: options.catalog }); // its tables of decisions alone are used
    for (const [topic, { decide }] of [
      [fulfillmentEvents, stages.onFulfillmentEvents()],
      [gatewayEvents, stages.onGatewayEvents()],
      [provisioningEvents, stages.onProvisioningEvents()],
    ] as const) {
      const consumer = new Consumer<SubscriptionChange>({ name: 'subscription', decide, ...this.table }, { ...options, crash: 0 });
      this.consumers.push(consumer);
      topics.read(topic, 'subscription', (message) => consumer.receive(message));
    }
  }

  /** Takes a message without its way through a topic: for what was before a run. */
  receive(message: Message): void {
    for (const consumer of this.consumers) consumer.receive(message);
  }

  /** An operator decides about the purchase. Where nothing waits for it that is refused, and nothing happens. */
  decide({ kind, number }: Act & Decision): void {
    const { scheduler, trace } = this.options;
    const current = this.table.load();
    if (!current) return;
    const by = { actor: 'operator', decidedAt: instantOf(scheduler.nowMs) };
    const outcome = kind === 'Approve' ? approvePurchase(current, by) : rejectPurchase(current, by, 'no');
    trace('subscription', () => `an operator: ${kind}${outcome.kind === 'changed' ? '' : ', which is refused'}`);
    if (outcome.kind === 'changed') this.decided.push({ kind, atMs: scheduler.nowMs });
    this.keep(outcome, `decision ${number}`, 'operator');
  }

  /** An operator, or a product, asks Microsoft for something. What can't come true is refused, and nothing happens. */
  ask(act: Act & Asking): void {
    const { scheduler, trace, catalog } = this.options;
    const current = this.table.load();
    if (!current) return;
    const by = { actor: 'operator', actorKind: 'operator' as const, reason: 'as drawn', requestedAt: instantOf(scheduler.nowMs) };
    const outcome = requestChange(current, stableId('request', act.number), requestedBy(act), by, catalog);
    trace('subscription', () => `an operator: ${act.kind}${outcome.kind === 'refused' ? `, which is refused: ${outcome.reason}` : ''}`);
    this.keep(outcome, `request ${act.number}`, 'operator');
  }

  private keep(outcome: Outcome<SubscriptionChange>, id: string, correlationId: string): void {
    if (outcome.kind !== 'changed') return;
    this.table.save('', outcome.state);
    this.options.emit(outcome.effects, { id, correlationId });
  }

  /** Undefined before the subscription is registered or imported. */
  get record(): Subscription | undefined {
    return this.row?.subscription;
  }

  get operations(): SubscriptionChange['operations'] {
    return this.row?.operations ?? [];
  }

  /** Members that wait for the read that opens them again, and operations that wait for the one that decides about them. */
  get waits(): readonly { readonly what: string; readonly sinceMs: number }[] {
    const shut = Object.entries(this.record?.members ?? {}).filter(([, state]) => state.openFrom === null);
    const undecided = this.operations.filter(({ closingOrder }) => closingOrder !== null);
    const unjudged = this.operations.filter(
      ({ status, verdict }) => (status === 'NotStarted' || status === 'InProgress') && verdict === null,
    );
    const asked = [...this.requests.values()].filter(({ state }) => state === 'pending');
    return [
      ...asked.map(({ id, action, requestedAt }) => ({ what: `the end of the request for ${action} ${id}`, sinceMs: msOf(requestedAt) })),
      ...shut.map(([member, { date }]) => ({ what: `the read that opens ${member}`, sinceMs: msOf(date) })),
      ...undecided.map(({ operationId, action, timeStamp }) => ({
        what: `the read that decides about ${action} ${operationId}`,
        sinceMs: timeStamp === null ? 0 : msOf(timeStamp),
      })),
      ...unjudged.map(({ operationId, action, timeStamp }) => ({
        what: `the verdict about ${action} ${operationId}`,
        sinceMs: timeStamp === null ? 0 : msOf(timeStamp),
      })),
    ];
  }

  private get table() {
    return {
      keyOf: ({ key }: Message) => key,
      load: () => this.row && unchanged(this.row.subscription, this.options.copyLagMs, this.row.operations, this.row.requests),
      save: (_key: string, { subscription, operations, requests, alarms }: SubscriptionChange) => {
        for (const request of requests) this.requests.set(request.id, request);
        this.row = { subscription, operations, requests: requests.filter(({ state }) => state === 'pending') };
        this.alarms.push(...alarms);
      },
    };
  }
}

function requestedBy(act: Asking): Requested {
  switch (act.kind) {
    case 'AskForPlan':
      return { action: 'ChangePlan', planId: act.plan, quantity: null };
    case 'AskForQuantity':
      return { action: 'ChangeQuantity', planId: null, quantity: act.quantity };
    case 'AskForCancellation':
      return { action: 'Unsubscribe', planId: null, quantity: null };
  }
}

/** The types of all public events. */
export const publicTypes: ReadonlySet<string> = new Set(subscriptionEvents.definitions.keys());
