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
import { anAnsweredOperation, anAnsweredSubscription } from './microsoft.samples';

type Door = Pick<
  MarketplaceClient,
  'resolve' | 'activate' | 'getSubscription' | 'listAvailablePlans' | 'getOperation' | 'patchOperation' | 'close'
>;
type CallName = Exclude<keyof Door, 'close'>;

/** Microsoft, where the house ends: one subscription and its operations, in memory. Tests say what it shows and how it fails. */
export class FakeMarketplace implements Door {
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
  onPatch!: (operation: Operation, word: 'Success' | 'Failure') => void;

  constructor() {
    this.reset();
  }

  /** A new subscription; nothing asked yet, nothing failing. Whatever is asked for takes effect at once. */
  reset(): void {
    this.subscription = anAnsweredSubscription({ id: randomUUID() });
    this.operations.clear();
    this.calls.length = 0;
    this.contexts.length = 0;
    this.failing = () => undefined;
    this.onActivate = () => this.show({ status: 'Subscribed' });
    this.onPatch = (operation, word) => {
      this.operations.set(operation.id, { ...operation, status: word === 'Success' ? 'Succeeded' : 'Failed' });
      if (word === 'Success' && operation.action === 'ChangePlan') this.show({ planId: operation.planId! });
    };
  }

  show(differing: Partial<Subscription>): void {
    this.subscription = { ...(this.subscription ?? anAnsweredSubscription()), ...differing };
  }

  operate(differing: Partial<Operation> = {}): Operation {
    const operation = anAnsweredOperation({ subscriptionId: this.subscription!.id, ...differing });
    this.operations.set(operation.id, operation);
    return operation;
  }

  times(call: CallName): number {
    return this.calls.filter((made) => made.split(' ')[0] === call).length;
  }

  async resolve(_purchaseToken: string, context: CallContext): Promise<ResolvedPurchase> {
    this.noted('resolve', context);
    const subscription = this.found(this.subscription);
    const { id, name, planId, quantity } = subscription;
    return { subscriptionId: id, subscriptionName: name, planId, quantity, subscription };
  }

  async activate(_id: string, _bought: unknown, context: CallContext): Promise<void> {
    this.noted('activate', context);
    this.onActivate();
  }

  async getSubscription(_id: string, context: CallContext): Promise<Subscription> {
    this.noted('getSubscription', context);
    return this.found(this.subscription);
  }

  async listAvailablePlans(_id: string, context: CallContext): Promise<Plan[]> {
    this.noted('listAvailablePlans', context);
    if (this.subscription?.status === 'Unsubscribed') throw new MarketplaceNotFound('Microsoft answered 404', { status: 404 });
    return ['silver', 'gold'].map((planId): Plan => ({
      ...{ planId, displayName: planId, description: '', isPrivate: false, hasFreeTrials: false, isPricePerSeat: true, isStopSell: false },
      ...{ minQuantity: 1, maxQuantity: null, market: 'US', billingTerms: [], meteringDimensions: [], privateOfferIds: ['private-1'] },
    }));
  }

  async getOperation(_id: string, operationId: string, context: CallContext): Promise<Operation> {
    this.noted('getOperation', context);
    return this.found(this.operations.get(operationId) ?? null);
  }

  async patchOperation(_id: string, operationId: string, word: 'Success' | 'Failure', context: CallContext): Promise<void> {
    this.noted('patchOperation', context, word);
    const operation = this.found(this.operations.get(operationId) ?? null);
    if (operation.status !== 'InProgress' && operation.status !== 'NotStarted') throw conflict();
    this.onPatch(operation, word);
  }

  async close(): Promise<void> {}

  private noted(call: CallName, context: CallContext, word?: string): void {
    if (this.calls.length === 0) this.firstCallAt = Date.now();
    this.calls.push(word ? `${call} ${word}` : call);
    this.contexts.push(context);
    this.failing(call);
  }

  private found<T>(what: T | null): T {
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
