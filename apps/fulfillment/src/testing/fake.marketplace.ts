import { randomUUID } from 'node:crypto';
import {
  MarketplaceConflict,
  MarketplaceNotFound,
  MarketplaceRejected,
  MarketplaceUnavailable,
  type AcceptedOperation,
  type CallContext,
  type Dated,
  type MarketplaceClient,
  type Operation,
  type Plan,
  type ResolvedPurchase,
  type Subscription,
  type SubscriptionPage,
  type TakesUsage,
  type UsageAnswer,
  type UsageEvent,
} from '@landfall/marketplace-client';
import type { MarketplaceApi } from '../registration/registration.clients';
import { FakeUsage } from './fake.usage';
import { aMarketplaceOperation, aMarketplacePlan, aMarketplaceSubscription } from './microsoft.samples';

type CallName = keyof MarketplaceApi;

/** Rows of usage that are read together. */
const rowsAtOnce = 1_000;

/** Microsoft as this service calls it: one subscription and its operations, in memory. Tests set what it shows and how it fails. */
export class FakeMarketplace implements MarketplaceApi, Pick<MarketplaceClient, 'close'> {
  subscription!: Subscription | null;
  readonly operations = new Map<string, Operation>();
  /** What was asked, in order: `patchOperation Success`. */
  readonly calls: string[] = [];
  readonly contexts: CallContext[] = [];
  /** Called before each call is carried out, which waits for it; what it throws is the answer. */
  failing!: (call: CallName, requestId: string) => void | Promise<void>;
  /** Called after each report was recorded, and after each list of usage was given; what it throws is the answer. */
  losing!: (call: CallName) => void;
  /** Plans on offer to every subscription. */
  plans!: readonly Plan[];
  readonly usage = new FakeUsage();
  /** How long each call takes, in milliseconds. One that takes longer than its time limit is not answered. */
  takingMs!: (call: CallName) => number;
  /** Subscriptions beside that one, by id: Get and the list show them. */
  readonly further = new Map<string, Subscription>();
  /** Operations that Get Operation and the list never show; what they do to the subscription is shown. */
  readonly hidden = new Set<string>();
  /** What Activate, Cancel and PATCH do beside answering. */
  onActivate!: () => void;
  onCancel!: () => string | null | void;
  /** What PATCH subscription does: by default an operation in progress, whose id is the answer. */
  onChange!: (asked: { planId?: string; quantity?: number }) => string | null | void;
  onPatch!: (operation: Operation, status: 'Success' | 'Failure') => void;

  /** A page of the list, by the link that leads to it. */
  listed!: (link: string | null) => Partial<SubscriptionPage> & { subscriptions: readonly Subscription[]; nextLink: string | null };

  constructor() {
    this.reset();
  }

  /** A new subscription; nothing asked yet, nothing failing. Whatever is asked for takes effect at once. */
  reset(): void {
    this.subscription = aMarketplaceSubscription({ id: randomUUID() });
    this.operations.clear();
    this.further.clear();
    this.hidden.clear();
    this.calls.length = 0;
    this.contexts.length = 0;
    this.listed = () => ({ subscriptions: [...(this.subscription ? [this.subscription] : []), ...this.further.values()], nextLink: null });
    this.failing = () => undefined;
    this.losing = () => undefined;
    this.plans = ['silver', 'gold'].map((planId) => aMarketplacePlan({ planId }));
    this.usage.reset();
    this.takingMs = () => 0;
    this.onActivate = () => this.show({ status: 'Subscribed' });
    this.onCancel = () => this.show({ status: 'Unsubscribed' });
    this.onChange = ({ planId, quantity }) =>
      this.operate({
        ...{ id: randomUUID(), status: 'InProgress', source: 'Partner', timeStamp: now(), quantity },
        ...(planId ? { action: 'ChangePlan', planId } : { action: 'ChangeQuantity', planId: undefined }),
      }).id;
    this.onPatch = (operation, status) => {
      this.operations.set(operation.id, { ...operation, status: status === 'Success' ? 'Succeeded' : 'Failed' });
      if (status === 'Success' && operation.action === 'ChangePlan') this.show({ planId: operation.planId! });
      if (status === 'Success' && operation.action === 'ChangeQuantity') this.show({ quantity: operation.quantity! });
    };
  }

  show(differing: Partial<Subscription>): void {
    this.subscription = { ...(this.subscription ?? aMarketplaceSubscription()), ...differing };
  }

  operate(differing: Partial<Operation> = {}): Operation {
    const operation = aMarketplaceOperation({ subscriptionId: this.subscription!.id, ...differing });
    this.operations.set(operation.id, operation);
    return operation;
  }

  times(call: CallName): number {
    return this.calls.filter((made) => made.split(' ')[0] === call).length;
  }

  /** All subscriptions on one page, unless a test sets `listed`. */
  async listPage(link: string | null, context: CallContext) {
    await this.record('listPage', context);
    return { unreadable: [], date: now(), ...this.listed(link) };
  }

  async resolve(_purchaseToken: string, context: CallContext): Promise<Dated<ResolvedPurchase>> {
    await this.record('resolve', context);
    const subscription = this.orNotFound(this.subscription);
    const { id, name, planId, quantity } = subscription;
    return { subscriptionId: id, subscriptionName: name, planId, quantity, subscription, date: now() };
  }

  async activate(_id: string, _bought: unknown, context: CallContext): Promise<void> {
    await this.record('activate', context);
    this.onActivate();
  }

  async cancel(_id: string, context: CallContext): Promise<AcceptedOperation> {
    await this.record('cancel', context);
    return { operationId: this.onCancel() ?? null, retryAfterMs: null };
  }

  async changePlan(_id: string, planId: string, context: CallContext): Promise<AcceptedOperation> {
    await this.record('changePlan', context);
    return { operationId: this.onChange({ planId }) ?? null, retryAfterMs: null };
  }

  async changeQuantity(_id: string, quantity: number, context: CallContext): Promise<AcceptedOperation> {
    await this.record('changeQuantity', context);
    return { operationId: this.onChange({ quantity }) ?? null, retryAfterMs: null };
  }

  async getSubscription(id: string, context: CallContext): Promise<Dated<Subscription>> {
    await this.record('getSubscription', context);
    return { ...this.orNotFound(this.further.get(id) ?? this.subscription), date: now() };
  }

  async listAvailablePlans(_id: string, context: CallContext): Promise<Dated<{ plans: readonly Plan[] }>> {
    await this.record('listAvailablePlans', context);
    if (this.subscription?.status === 'Unsubscribed') throw new MarketplaceNotFound('Microsoft answered 404', { status: 404 });
    return { plans: this.plans, date: now() };
  }

  /** What is recorded stays recorded, also where `losing` then keeps the answer back. */
  async reportUsage(events: readonly UsageEvent[], context: CallContext): Promise<Dated<UsageAnswer>> {
    await this.record('reportUsage', context);
    const answer = this.usage.take(events);
    this.losing('reportUsage');
    return { ...answer, date: now() };
  }

  /** An attempt that `losing` cuts has given all of its rows. */
  async listUsage(_day: string, context: CallContext, begin: () => TakesUsage): Promise<Dated<object>> {
    await this.record('listUsage', context);
    const take = begin();
    for (let from = 0; from < this.usage.rows.length; from += rowsAtOnce) await take(this.usage.rows.slice(from, from + rowsAtOnce));
    this.losing('listUsage');
    return { date: now() };
  }

  async getOperation(_id: string, operationId: string, context: CallContext): Promise<Dated<Operation>> {
    await this.record('getOperation', context);
    return { ...this.orNotFound(this.shown(operationId)), date: now() };
  }

  async listOperations(_id: string, context: CallContext): Promise<Dated<{ operations: readonly Operation[] }>> {
    await this.record('listOperations', context);
    const operations = [...this.operations.values()].filter((operation) => isOpen(operation) && !this.hidden.has(operation.id));
    return { operations, date: now() };
  }

  async patchOperation(_id: string, operationId: string, status: 'Success' | 'Failure', context: CallContext): Promise<void> {
    await this.record('patchOperation', context, status);
    const operation = this.orNotFound(this.shown(operationId));
    if (!isOpen(operation)) throw conflict();
    this.onPatch(operation, status);
  }

  async close(): Promise<void> {}

  private async record(call: CallName, context: CallContext, status?: string): Promise<void> {
    this.calls.push(status ? `${call} ${status}` : call);
    this.contexts.push(context);
    const requestId = randomUUID();
    await context.announce?.(requestId, AbortSignal.any([]));
    const limitMs = context.timeoutMs ?? Infinity;
    const takingMs = this.takingMs(call);
    if (takingMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(takingMs, limitMs)));
    if (takingMs > limitMs) throw away(null);
    await this.failing(call, requestId);
  }

  private shown(operationId: string): Operation | null {
    return this.hidden.has(operationId) ? null : (this.operations.get(operationId) ?? null);
  }

  private orNotFound<T>(what: T | null): T {
    if (what === null) throw new MarketplaceNotFound('Microsoft answered 404: it does not know this', { status: 404 });
    return what;
  }
}

const isOpen = ({ status }: Operation): boolean => status === 'InProgress' || status === 'NotStarted';
const now = () => new Date().toISOString();

export const rejected = (message: string) =>
  new MarketplaceRejected('Microsoft answered 400', { status: 400, microsoft: { code: 'BadArgument', message, target: null } });
export const conflict = () => new MarketplaceConflict('Microsoft answered 409', { status: 409 });
/** 500, or a cut connection. */
export const away = (status: number | null = 503) =>
  new MarketplaceUnavailable('Microsoft is away', {
    status,
    reason: status ? 'server-error' : 'network',
    outcomeUnknown: true,
    isOutage: true,
  });
/** No connection: that request did not leave. */
export const unreachable = (requestId: string) =>
  new MarketplaceUnavailable('Microsoft is away', {
    call: { method: 'POST', route: '', requestId, correlationId: '' },
    ...{ reason: 'network', outcomeUnknown: false, isOutage: true },
  });
