import { operatorToken } from '../system/operator-token';
import type { Run } from '../system/run-json';
import type { EmulatorDetails } from '../system/emulator';

const answerLimitMs = 15_000;

/** What Microsoft knows about a subscription. */
export interface MarketplaceSubscription {
  saasSubscriptionStatus: string;
  planId: string;
  quantity: number | null;
  beneficiary: { emailId: string };
}

/** What our own record says. */
export interface SubscriptionRecord {
  status: string;
  stage: string;
  access: string;
  planId: string;
  quantity: number | null;
  version: number;
}

/** What a subscription has cost so far. */
export interface Invoice {
  amount: number;
  currency: string;
  terms: {
    fees: { planId: string; amount: number }[];
    usage: { lines: { dimension: string; quantity: number; amount: number }[] }[];
  }[];
}

/** What became of each reported record. */
interface Reported {
  results: { result: string; reason?: string }[];
}

/** The marketplace as the emulator plays it, through the emulator's control API. */
export class MarketplaceControl {
  constructor(private readonly controlUrl: string) {}

  buy(order: Record<string, unknown>): Promise<{ subscriptionId: string; landingUrl: string }> {
    return ask(`${this.controlUrl}/purchases`, order);
  }

  act(subscriptionId: string, action: string, body: Record<string, unknown> = {}): Promise<unknown> {
    return ask(`${this.controlUrl}/subscriptions/${subscriptionId}/${action}`, body);
  }

  subscription(subscriptionId: string): Promise<MarketplaceSubscription> {
    return ask(`${this.controlUrl}/subscriptions/${subscriptionId}`);
  }

  /** Business time. */
  async now(): Promise<Date> {
    return new Date((await ask<{ now: string }>(`${this.controlUrl}/clock`)).now);
  }

  /** Lets business time pass, with everything that is due on the way. */
  async advance(duration: string): Promise<void> {
    await ask(`${this.controlUrl}/clock/advance`, { duration });
  }

  invoice(subscriptionId: string): Promise<Invoice> {
    return ask(`${this.controlUrl}/subscriptions/${subscriptionId}/invoice`);
  }

  /** How the newest webhook about it was answered; undefined while none was. */
  async lastAnswer(subscriptionId: string): Promise<{ action: string; status: number } | undefined> {
    const { deliveries } = await ask<{ deliveries: { action: string; answer: { status: number } | null }[] }>(
      `${this.controlUrl}/deliveries?subscriptionId=${subscriptionId}`,
    );
    const newest = deliveries.at(-1);
    return newest?.answer ? { action: newest.action, status: newest.answer.status } : undefined;
  }
}

/** Our REST endpoints: what the subscription service has on record, and where billing takes usage. */
export class Records {
  private token: Promise<string> | undefined;

  constructor(
    private readonly run: Run,
    private readonly emulator: EmulatorDetails,
  ) {}

  async find(subscriptionId: string): Promise<SubscriptionRecord> {
    return ask(`${this.urlOf('subscription')}/subscriptions/${subscriptionId}`, undefined, await this.authorization());
  }

  /** Reports events of usage, as a product does it by HTTP. */
  async report(events: readonly object[]): Promise<Reported> {
    const contentType = 'application/cloudevents-batch+json';
    return ask(`${this.urlOf('billing')}/usage`, events, { ...(await this.authorization()), 'content-type': contentType });
  }

  private async authorization(): Promise<Record<string, string>> {
    this.token ??= operatorToken(this.emulator);
    return { authorization: `Bearer ${await this.token}` };
  }

  private urlOf(service: string): string {
    return this.run.services.find(({ name }) => name === service)?.url ?? '';
  }
}

async function ask<T>(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(url, {
    ...(body === undefined
      ? { headers }
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
    signal: AbortSignal.timeout(answerLimitMs),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname} was answered with ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}
