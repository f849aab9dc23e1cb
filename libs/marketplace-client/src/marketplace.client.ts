import type { Dispatcher } from 'undici';
import type {
  AcceptedOperation,
  Dated,
  Operation,
  Plan,
  ResolvedPurchase,
  Subscription,
  SubscriptionPage,
  TakesUsage,
  UsageAnswer,
  UsageEvent,
} from './answers/answer.types';
import { decode } from './answers/decode';
import { readGuid } from './answers/lenient';
import { belongingTo, operation, operationList } from './answers/operation.decode';
import { planList } from './answers/plan.decode';
import { resolvedPurchase, subscription, subscriptionPage } from './answers/subscription.decode';
import { serviceAddress, type ServiceAddress } from './http/address';
import { connectionsOf } from './http/connections';
import { Links } from './http/links';
import { ApiCalls, type ApiAnswer, type ApiCall } from './calls/api.calls';
import { asAskedFor, idForPath, operationIdIn } from './calls/ids';
import type { BreakerState } from './calls/breakers';
import { report } from './calls/report';
import { Resilience, type BudgetState } from './calls/resilience';
import { retryAfterMs } from './http/retry-after';
import { MarketplaceAnswerUnreadable, MarketplaceRejected } from './marketplace.errors';
import {
  API_VERSION,
  CLOSE_TIMEOUT_MS,
  CONNECTIONS_PER_SLOT,
  DEFAULT_MAX_CONCURRENT,
  DEFAULT_TIMEOUT_MS,
  MAX_LIST_PAGES,
  MAX_PURCHASE_TOKEN_CHARS,
} from './marketplace.limits';
import type { CallContext, CallPurpose, MarketplaceClientOptions } from './marketplace.options';
import { AccessTokens } from './tokens/access-tokens';
import { signInConfiguration } from './tokens/sign-in';
import { claimsOf, type TokenClaims } from './tokens/token.claims';
import { TokenNetwork } from './tokens/token.network';
import { UsageCalls } from './usage.calls';

const subscriptions = '/saas/subscriptions';
const oneSubscription = `${subscriptions}/{subscriptionId}`;
const oneOperation = `${oneSubscription}/operations/{operationId}`;

type ListedPage = Dated<SubscriptionPage> & { readonly nextLink: string | null };
type CallSettings = Omit<ApiCall, 'origin' | 'path'> & { readonly query?: Record<string, string> };

/**
 * Microsoft's SaaS fulfillment API, version 2018-08-31 (contract 3). One client per app registration: it holds that publisher's tokens,
 * connections and breaker. Every method may fail with MarketplaceUnavailable, MarketplaceThrottled, MarketplaceForbidden and
 * MarketplaceAnswerUnreadable beside what it names.
 */
export class MarketplaceClient {
  private readonly api: ServiceAddress;
  private readonly links: Links;
  private readonly agent: Dispatcher;
  private readonly tokens: AccessTokens;
  private readonly resilience: Resilience;
  private readonly calls: ApiCalls;
  private readonly usage: UsageCalls;
  private readonly now: () => number;
  private closing: Promise<void> | null = null;

  /** Throws a sentence when an address or the credential cannot be right; asks nobody. */
  constructor(options: MarketplaceClientOptions) {
    this.api = serviceAddress('apiUrl', options.apiUrl);
    this.links = new Links(this.api, options.linkHosts, (link) => report('onRefusedLink', options.onRefusedLink, link));
    this.now = options.now ?? Date.now;
    const maxConcurrent = options.maxConcurrent ?? DEFAULT_MAX_CONCURRENT;
    this.agent = connectionsOf(CONNECTIONS_PER_SLOT * maxConcurrent);
    this.resilience = new Resilience(
      maxConcurrent,
      options.random ?? Math.random,
      options.onBreaker && ((change) => report('onBreaker', options.onBreaker, change)),
    );
    const network = new TokenNetwork(this.agent, this.now);
    this.tokens = new AccessTokens(signInConfiguration(options, network), network, `${options.appId}/.default`, this.now);
    this.calls = new ApiCalls(this.agent, this.tokens, this.resilience, {
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      now: this.now,
      onCall: (record) => report('onCall', options.onCall, record),
    });
    this.usage = new UsageCalls(this.calls, serviceAddress('meteringUrl', options.meteringUrl ?? options.apiUrl), this.api);
  }

  /** While one is open, what it names is away: work can wait without being tried. */
  get breaker(): BreakerState {
    return this.resilience.breakerState;
  }

  /** How long calls wait for their turn, and the pace that Microsoft was found to allow. */
  get budgets(): { readonly general: BudgetState; readonly purchases: BudgetState } {
    return this.resilience.budgets;
  }

  /** Whom our access token was issued to, to find out what is misconfigured. Null where it cannot be read. Fails as every call does where there is no token. */
  async tokenClaims(): Promise<TokenClaims | null> {
    const { value } = await this.tokens.get(AbortSignal.timeout(DEFAULT_TIMEOUT_MS));
    return claimsOf(value);
  }

  /**
   * Exchanges the landing page's token, percent-decoded once, for the subscription (contract 3.3). Works in every state and changes
   * nothing. MarketplaceRejected: the token is malformed, not Microsoft's, or older than 24 hours.
   */
  async resolve(purchaseToken: string, context: CallContext): Promise<Dated<ResolvedPurchase>> {
    const token = purchaseToken.replaceAll(' ', '+'); // a plus sign that was read as a blank on its way (contract 8, 1)
    if (!/^[\x21-\x7e]+$/.test(token) || token.length > MAX_PURCHASE_TOKEN_CHARS) {
      throw new MarketplaceRejected(
        'This cannot be a purchase token: it is empty, too long, or has characters that no token has; nothing was sent',
      );
    }
    const answer = await this.call(`${subscriptions}/resolve`, context, {
      method: 'POST',
      purpose: 'purchase',
      headers: { 'x-ms-marketplace-token': token },
      isRepeatable: true,
      readsBody: true,
      secrets: [token, purchaseToken],
    });
    return { ...decode(resolvedPurchase, answer.body, answer.details), date: answer.date };
  }

  /**
   * Tells Microsoft that the account is ready; billing starts (contract 3.4). Success means received: read the subscription until it is
   * Subscribed. MarketplaceRejected: Suspended, or Subscribed already. MarketplaceNotFound: Unsubscribed, or unknown. Either way read it
   * again and decide.
   */
  async activate(subscriptionId: string, bought: { planId: string; quantity: number | null }, context: CallContext): Promise<void> {
    const json = bought.quantity === null ? { planId: bought.planId } : { planId: bought.planId, quantity: bought.quantity };
    const settings = { method: 'POST', purpose: 'activation', isRepeatable: true, readsBody: false } as const;
    await this.call(`${oneSubscription}/activate`, context, { ...settings, subscriptionId, json });
  }

  /** Contract 3.6. MarketplaceNotFound: unknown. */
  async getSubscription(subscriptionId: string, context: CallContext): Promise<Dated<Subscription>> {
    const answer = await this.read(oneSubscription, context, { subscriptionId });
    const found = decode(subscription, answer.body, answer.details);
    return { ...asAskedFor(found, subscriptionId, answer), date: answer.date };
  }

  /**
   * All subscriptions of all offers in every state, page by page, in no order (contract 3.5). Each page is a call with its own time limit
   * and attempts. Where a link to the next page must not be followed, that page is asked for at the API's own address; ends with
   * MarketplaceAnswerUnreadable where the link does not say which one it is. What was read until then stays good.
   */
  async *listSubscriptions(context: CallContext): AsyncGenerator<Dated<SubscriptionPage>, void, undefined> {
    let link: string | null = null;
    for (let pages = 1; ; pages++) {
      const { nextLink, ...page }: ListedPage = await this.listPage(link, context);
      yield page;
      if (nextLink === null) return; // a page may be empty and still have a successor, so the link alone decides
      if (pages >= MAX_LIST_PAGES) throw new MarketplaceAnswerUnreadable('@nextLink', `leads beyond ${MAX_LIST_PAGES} pages`);
      link = nextLink;
    }
  }

  /**
   * One page of that list: the first, or the one to which the `nextLink` of another led, for a caller that keeps the link and goes on later.
   * Where that link must not be followed, and says not which page it is, it ends with MarketplaceAnswerUnreadable, and nobody is asked (contract
   * 3.1.4). `nextLink` is null where there are no more.
   */
  async listPage(link: string | null, context: CallContext): Promise<ListedPage> {
    const answer = await (link === null ? this.read(subscriptions, context, { purpose: 'reconciliation' }) : this.follow(link, context));
    const { page, nextLink } = decode(subscriptionPage, answer.body, answer.details);
    return { ...page, nextLink, date: answer.date };
  }

  /**
   * Plans that the customer may hold, the current one included (contract 3.7). With the purchased plan as filter, private offers are named.
   */
  async listAvailablePlans(
    subscriptionId: string,
    context: CallContext,
    filter: { planId?: string } = {},
  ): Promise<Dated<{ readonly plans: readonly Plan[] }>> {
    const query: Record<string, string> = filter.planId === undefined ? {} : { planId: filter.planId };
    const answer = await this.read(`${oneSubscription}/listAvailablePlans`, context, { subscriptionId, query });
    return { plans: decode(planList, answer.body, answer.details), date: answer.date };
  }

  /** Operations that await an answer (contract 3.10). New ones may show with some delay. */
  async listOperations(subscriptionId: string, context: CallContext): Promise<Dated<{ readonly operations: readonly Operation[] }>> {
    const answer = await this.read(`${oneSubscription}/operations`, context, { subscriptionId });
    const found = decode(operationList, answer.body, answer.details);
    return { operations: found.map((operation) => belongingTo(subscriptionId, operation)), date: answer.date };
  }

  /** Contract 3.10. MarketplaceNotFound or MarketplaceRejected: unknown, or not known yet. */
  async getOperation(subscriptionId: string, operationId: string, context: CallContext): Promise<Dated<Operation>> {
    const answer = await this.read(oneOperation, context, { subscriptionId, operationId });
    const found = asAskedFor(decode(operation, answer.body, answer.details), operationId, answer);
    return { ...belongingTo(subscriptionId, found), date: answer.date };
  }

  /**
   * Accepts or refuses a change (contract 3.10); within ten seconds of the webhook, else Microsoft has accepted it by itself.
   * MarketplaceConflict: it has ended. MarketplaceUnavailable with status 500 (not repeated here): unknown, it may have ended. Read the operation
   * again either way.
   */
  async patchOperation(subscriptionId: string, operationId: string, status: 'Success' | 'Failure', context: CallContext): Promise<void> {
    const json = { status };
    const settings = { method: 'PATCH', purpose: 'acknowledgement', isRepeatable: true, is500NoOutage: true, readsBody: false } as const;
    await this.call(oneOperation, context, { ...settings, subscriptionId, operationId, json });
  }

  /**
   * Asks for another plan (contract 3.8). Accepted is not done: follow the operation. MarketplaceRejected: not possible, or locked by a
   * pending operation. A failure with `outcomeUnknown` is never repeated here: look at the subscription and its operations first.
   */
  changePlan(subscriptionId: string, planId: string, context: CallContext): Promise<AcceptedOperation> {
    return this.change(subscriptionId, { method: 'PATCH', json: { planId } }, context);
  }

  /** Asks for another number of seats (contract 3.8). As changePlan. */
  changeQuantity(subscriptionId: string, quantity: number, context: CallContext): Promise<AcceptedOperation> {
    return this.change(subscriptionId, { method: 'PATCH', json: { quantity } }, context);
  }

  /**
   * Asks for the end of a subscription (contract 3.9). Accepted is not cancelled: the operation can still fail. MarketplaceConflict: locked
   * by a pending operation, wait for it. A failure with `outcomeUnknown` is never repeated here.
   */
  cancel(subscriptionId: string, context: CallContext): Promise<AcceptedOperation> {
    return this.change(subscriptionId, { method: 'DELETE' }, context);
  }

  /**
   * Reports 1 to 25 usage events (contract 6.4). An answer may say of each event something else, in any order, and leave events out. The first event of a key is
   * accepted once, so the same batch may be sent again. MarketplaceRejected: the batch as a whole, nothing of it was recorded. After MarketplaceUnavailable
   * with `outcomeUnknown`, and MarketplaceAnswerUnreadable, it may have been.
   */
  reportUsage(events: readonly UsageEvent[], context: CallContext): Promise<Dated<UsageAnswer>> {
    return this.usage.report(events, context);
  }

  /**
   * All usage that Microsoft has recorded of one day (UTC), of all subscriptions (contract 6.5), which is never in memory as a whole. It was whole when this resolves; what an attempt gave that
   * broke off counts for nothing. What is recorded shows hours or days later. An error of whoever takes the rows ends the call, and is passed on.
   * @param begin called when an attempt has its answer; it gives what takes the rows of this attempt, a thousand at most at once
   */
  listUsage(day: string, context: CallContext, begin: () => TakesUsage): Promise<Dated<object>> {
    return this.usage.list(day, context, begin);
  }

  /** Lets calls in flight end, for five seconds at most, then closes all connections. */
  close(): Promise<void> {
    this.closing ??= this.closeConnections();
    return this.closing;
  }

  private async closeConnections(): Promise<void> {
    this.tokens.close();
    const cut = setTimeout(() => void this.agent.destroy(), CLOSE_TIMEOUT_MS);
    await this.agent.close().finally(() => clearTimeout(cut));
  }

  private async change(
    subscriptionId: string,
    settings: { method: 'PATCH' | 'DELETE'; json?: unknown },
    context: CallContext,
  ): Promise<AcceptedOperation> {
    const once = { purpose: 'change', isRepeatable: false, readsBody: false } as const;
    const answer = await this.call(oneSubscription, context, { ...settings, ...once, subscriptionId });
    const location = answer.header('operation-location');
    if (location !== undefined) this.links.check(location);
    return {
      operationId: readGuid(answer.header('operation-id')) ?? operationIdIn(location),
      retryAfterMs: retryAfterMs(answer.header('retry-after'), this.now()) ?? null,
    };
  }

  private async follow(link: string, context: CallContext): Promise<ApiAnswer> {
    const address = this.links.nextPage(link, subscriptions, {});
    const purpose = 'reconciliation';
    return this.calls.perform({ ...address, method: 'GET', route: subscriptions, purpose, isRepeatable: true, readsBody: true }, context);
  }

  private read(
    route: string,
    context: CallContext,
    named: Pick<CallSettings, 'subscriptionId' | 'operationId' | 'query'> & { readonly purpose?: CallPurpose },
  ): Promise<ApiAnswer> {
    return this.call(route, context, { purpose: 'reading', ...named, method: 'GET', isRepeatable: true, readsBody: true });
  }

  private async call(route: string, context: CallContext, { query, ...settings }: Omit<CallSettings, 'route'>): Promise<ApiAnswer> {
    const path = route
      .replace('{subscriptionId}', () => idForPath(settings.subscriptionId))
      .replace('{operationId}', () => idForPath(settings.operationId));
    const search = new URLSearchParams({ ...query, 'api-version': API_VERSION });
    return this.calls.perform({ ...settings, route, origin: this.api.origin, path: `${this.api.path}${path}?${search}` }, context);
  }
}
