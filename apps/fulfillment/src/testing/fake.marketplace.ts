import { randomUUID } from 'node:crypto';
import {
  MarketplaceConflict,
  MarketplaceNotFound,
  MarketplaceRejected,
  MarketplaceUnavailable,
  type CallContext,
  type MarketplaceClient,
  type Operation,
  type Plan,
  type ResolvedPurchase,
  type Subscription,
} from '@landfall/marketplace-client';
import type { MarketplaceApi } from '../microsoft/microsoft.client';
import { aMarketplaceOperation, aMarketplaceSubscription } from './microsoft.samples';

type CallName = keyof MarketplaceApi;

/** Microsoft as this service calls it: one subscription and its operations, in memory. Tests set what it shows and how it fails. */
export class FakeMarketplace implements MarketplaceApi, Pick<MarketplaceClient, 'close'> {
  subscription!: Subscription | null;
  readonly operations = new Map<string, Operation>();
  /** What was asked, in order: `patchOperation Success`. */
  readonly calls: string[] = [];
  readonly contexts: CallContext[] = [];
  firstCallAt!: number;
  /** Called before each call is carried out; what it throws is the answer. */
  failing!: (call: CallName) => void;
  /** What Activate and PATCH do beside answering. */
  onActivate!: () => void;
  onPatch!: (operation: Operation, status: 'Success' | 'Failure') => void;

  constructor() {
    this.reset();
  }

  /** A new subscription; nothing asked yet, nothing failing. Whatever is asked for takes effect at once. */
  reset(): void {
    this.subscription = aMarketplaceSubscription({ id: randomUUID() });
    this.operations.clear();
    this.calls.length = 0;
    this.contexts.length = 0;
    this.failing = () => undefined;
    this.onActivate = () => this.show({ status: 'Subscribed' });
    this.onPatch = (operation, status) => {
      this.operations.set(operation.id, { ...operation, status: status === 'Success' ? 'Succeeded' : 'Failed' });
      if (status === 'Success' && operation.action === 'ChangePlan') this.show({ planId: operation.planId! });
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

  async resolve(_purchaseToken: string, context: CallContext): Promise<ResolvedPurchase> {
    this.record('resolve', context);
    const subscription = this.orNotFound(this.subscription);
    const { id, name, planId, quantity } = subscription;
    return { subscriptionId: id, subscriptionName: name, planId, quantity, subscription };
  }

  async activate(_id: string, _bought: unknown, context: CallContext): Promise<void> {
    this.record('activate', context);
    this.onActivate();
  }

  async getSubscription(_id: string, context: CallContext): Promise<Subscription> {
    this.record('getSubscription', context);
    return this.orNotFound(this.subscription);
  }

  async listAvailablePlans(_id: string, context: CallContext): Promise<Plan[]> {
    this.record('listAvailablePlans', context);
    if (this.subscription?.status === 'Unsubscribed') throw new MarketplaceNotFound('Microsoft answered 404', { status: 404 });
    return ['silver', 'gold'].map((planId): Plan => ({
      ...{ planId, displayName: planId, description: '', isPrivate: false, hasFreeTrials: false, isPricePerSeat: true, isStopSell: false },
      ...{ minQuantity: 1, maxQuantity: null, market: 'US', billingTerms: [], meteringDimensions: [], privateOfferIds: ['private-1'] },
    }));
  }

  async getOperation(_id: string, operationId: string, context: CallContext): Promise<Operation> {
    this.record('getOperation', context);
    return this.orNotFound(this.operations.get(operationId) ?? null);
  }

  async patchOperation(_id: string, operationId: string, status: 'Success' | 'Failure', context: CallContext): Promise<void> {
    this.record('patchOperation', context, status);
    const operation = this.orNotFound(this.operations.get(operationId) ?? null);
    if (operation.status !== 'InProgress' && operation.status !== 'NotStarted') throw conflict();
    this.onPatch(operation, status);
  }

  async close(): Promise<void> {}

  private record(call: CallName, context: CallContext, status?: string): void {
    if (this.calls.length === 0) this.firstCallAt = Date.now();
    this.calls.push(status ? `${call} ${status}` : call);
    this.contexts.push(context);
    this.failing(call);
  }

  private orNotFound<T>(what: T | null): T {
    if (what === null) throw new MarketplaceNotFound('Microsoft answered 404: it does not know this', { status: 404 });
    return what;
  }
}

export const rejected = (message: string) =>
  new MarketplaceRejected('Microsoft answered 400', { status: 400, microsoft: { code: 'BadArgument', message, target: null } });
export const conflict = () => new MarketplaceConflict('Microsoft answered 409', { status: 409 });
/** 500, a cut connection or an open breaker. */
export const away = (status: number | null = 503, outcomeUnknown = true) =>
  new MarketplaceUnavailable('Microsoft is away', { status, reason: status ? 'server-error' : 'network', outcomeUnknown, isOutage: true });
