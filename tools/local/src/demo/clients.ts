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

  /** How the newest webhook about it was answered; undefined while none was. */
  async lastAnswer(subscriptionId: string): Promise<{ action: string; status: number } | undefined> {
    const { deliveries } = await ask<{ deliveries: { action: string; answer: { status: number } | null }[] }>(
      `${this.controlUrl}/deliveries?subscriptionId=${subscriptionId}`,
    );
    const newest = deliveries.at(-1);
    return newest?.answer ? { action: newest.action, status: newest.answer.status } : undefined;
  }
}

/** Our record, through the REST endpoint of the subscription service. */
export class SubscriptionRecords {
  private token: Promise<string> | undefined;

  constructor(
    private readonly run: Run,
    private readonly emulator: EmulatorDetails,
  ) {}

  async find(subscriptionId: string): Promise<SubscriptionRecord> {
    const { url = '' } = this.run.services.find(({ name }) => name === 'subscription') ?? {};
    this.token ??= operatorToken(this.emulator);
    return ask(`${url}/subscriptions/${subscriptionId}`, undefined, { authorization: `Bearer ${await this.token}` });
  }
}

async function ask<T>(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(url, {
    ...(body === undefined
      ? { headers }
      : { method: 'POST', body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(answerLimitMs),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname} was answered with ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}
