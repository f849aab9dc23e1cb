import { z } from 'zod';

const purchase = z.object({ subscriptionId: z.guid(), landingUrl: z.url() });
const effect = z.looseObject({ effect: z.string() });
/** The rules of the emulator that were drawn for an operation. */
export const faults = z.array(z.looseObject({ name: z.string().nullable(), do: z.union([effect, z.array(effect)]) })).default([]);
const operation = z.looseObject({
  id: z.string(),
  action: z.string(),
  status: z.string(),
  webhookWaits: z.boolean(),
  faults,
  settledBy: z.string().nullish(),
  reverts: z.string().nullish(),
});
const truth = z.looseObject({
  saasSubscriptionStatus: z.string(),
  planId: z.string(),
  quantity: z.int().nullish(),
  activateCalls: z.int(),
  operations: z.array(operation),
});
const call = z.looseObject({
  at: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  surface: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.int().nullable(),
  requestId: z.string().nullable(),
  correlationId: z.string().nullable(),
});
const delivery = z.looseObject({
  id: z.string(),
  action: z.string(),
  operationId: z.string().nullish(),
  sentAt: z.string().optional(),
  answer: z.object({ status: z.int() }).nullable(),
});

const badToken = z.object({ name: z.string(), rightAnswer: z.enum(['refuse', 'refuse-or-postpone', 'either']), wrong: z.string() });
const breach = z.looseObject({ rule: z.string(), section: z.string(), severity: z.enum(['breach', 'advice']), detail: z.string() });

const invoice = z.looseObject({ terms: z.array(z.looseObject({ fees: z.array(z.looseObject({ price: z.number() })) })) });

export type Truth = z.infer<typeof truth>;
export type TrueOperation = z.infer<typeof operation>;
export type Call = z.infer<typeof call>;

/** What a test does on Microsoft's side: the emulator's control API. */
export class Microsoft {
  constructor(private readonly controlUrl: string) {}

  async sell(order: Record<string, unknown> = {}): Promise<z.infer<typeof purchase>> {
    return purchase.parse(await this.ask('POST', '/purchases', order));
  }

  async act(subscriptionId: string, act: string, body: Record<string, unknown> = {}): Promise<string> {
    return z.looseObject({ operationId: z.string() }).parse(await this.ask('POST', `/subscriptions/${subscriptionId}/${act}`, body))
      .operationId;
  }

  /** The same, where Microsoft may refuse it: because the subscription is locked or ended, or has that already. */
  async tryTo(subscriptionId: string, act: string, body: Record<string, unknown>): Promise<{ operationId: string } | { refused: string }> {
    const { status, text } = await this.call('POST', `/subscriptions/${subscriptionId}/${act}`, body);
    if (status === 400 || status === 409) return { refused: z.looseObject({ error: z.string() }).parse(JSON.parse(text)).error };
    if (status !== 202) throw new Error(`The emulator answered ${act} of ${subscriptionId} with ${status}: ${text}`);
    return z.looseObject({ operationId: z.string() }).parse(JSON.parse(text));
  }

  /** How many webhooks have not been received yet. */
  async waitingWebhooks(): Promise<number> {
    return z.looseObject({ total: z.int() }).parse(await this.ask('GET', '/webhooks')).total;
  }

  /** Changes settings for good. */
  async set(settings: Record<string, unknown>): Promise<void> {
    await this.ask('PATCH', '/settings', settings);
  }

  async landingLink(subscriptionId: string): Promise<string> {
    return purchase.pick({ landingUrl: true }).parse(await this.ask('POST', `/subscriptions/${subscriptionId}/landing-links`)).landingUrl;
  }

  async truth(subscriptionId: string): Promise<Truth> {
    return truth.parse(await this.ask('GET', `/subscriptions/${subscriptionId}`));
  }

  /** Oldest first. */
  async calls(subscriptionId: string): Promise<Call[]> {
    const { calls } = z.object({ calls: z.array(call) }).parse(await this.ask('GET', `/calls?subscriptionId=${subscriptionId}`));
    return calls;
  }

  async deliveries(subscriptionId: string): Promise<z.infer<typeof delivery>[]> {
    return z.object({ deliveries: z.array(delivery) }).parse(await this.ask('GET', `/deliveries?subscriptionId=${subscriptionId}`))
      .deliveries;
  }

  /** Sends a delivery once more, and tells what was answered; undefined where nothing was within Microsoft's ten seconds. */
  async redeliver(deliveryId: string): Promise<number | undefined> {
    return delivery.parse(await this.ask('POST', `/deliveries/${deliveryId}/redeliver`)).answer?.status;
  }

  /** The tokens with which somebody who is not Microsoft may call. */
  async badTokens(): Promise<z.infer<typeof badToken>[]> {
    return z.object({ badTokens: z.array(badToken) }).parse(await this.ask('GET', '/webhooks/bad-tokens')).badTokens;
  }

  /** Sends a delivery once more with a bad token, and tells what was answered. */
  async forge(deliveryId: string, name: string): Promise<number | undefined> {
    return delivery.parse(await this.ask('POST', `/deliveries/${deliveryId}/redeliver`, { badToken: name })).answer?.status;
  }

  /** Does the work while Partner Center names another webhook for an offer, and puts back what was there before. */
  async withWebhookAt<T>(offerId: string, webhookUrl: string, work: () => Promise<T>): Promise<T> {
    const offer = z.looseObject({ technicalConfiguration: z.looseObject({}) }).parse(await this.ask('GET', `/offers/${offerId}`));
    await this.ask('PUT', `/offers/${offerId}`, { ...offer, technicalConfiguration: { ...offer.technicalConfiguration, webhookUrl } });
    try {
      return await work();
    } finally {
      await this.ask('PUT', `/offers/${offerId}`, offer);
    }
  }

  /** Sends a webhook that waits for its next try, and tells what was answered. */
  async deliverNow(operationId: string): Promise<number | undefined> {
    return delivery.parse(await this.ask('POST', `/webhooks/${operationId}/deliver`)).answer?.status;
  }

  /** How many calls of Resolve were refused for the application that made them. */
  async refusedResolves(): Promise<number> {
    const { calls } = z.object({ calls: z.array(call) }).parse(await this.ask('GET', '/calls?limit=1000'));
    return calls.filter(({ path, status }) => path.includes('/subscriptions/resolve') && status === 403).length;
  }

  /** Sells something more. */
  async offer(offerId: string, offer: Record<string, unknown>): Promise<void> {
    await this.ask('PUT', `/offers/${offerId}`, offer);
  }

  /** Changes an app registration. */
  async application(clientId: string, changes: Record<string, unknown>): Promise<void> {
    await this.ask('PATCH', `/applications/${clientId}`, changes);
  }

  /** Business time. */
  async now(): Promise<Date> {
    return new Date(z.looseObject({ now: z.string() }).parse(await this.ask('GET', '/clock')).now);
  }

  /** What a subscription has cost so far. */
  async invoice(subscriptionId: string): Promise<z.infer<typeof invoice>> {
    return invoice.parse(await this.ask('GET', `/subscriptions/${subscriptionId}/invoice`));
  }

  /** How many usage events of a subscription are recorded, whatever was answered. */
  async recorded(subscriptionId: string): Promise<number> {
    const { accepted } = z
      .object({ accepted: z.array(z.unknown()) })
      .parse(await this.ask('GET', `/usage-events?subscriptionId=${subscriptionId}`));
    return accepted.length;
  }

  /** How a day of usage reads in Microsoft's list from now on. */
  async reconcile(subscriptionId: string, usageDate: string, reconStatus: 'Accepted' | 'Rejected' | 'Mismatch' | 'Missing'): Promise<void> {
    await this.ask('POST', '/reconciliations', { subscriptionId, usageDate, reconStatus });
  }

  /** The forms that webhooks had in other years. */
  async payloadVariants(): Promise<string[]> {
    const payloadVariants = z.array(z.looseObject({ name: z.string() }));
    return z
      .object({ payloadVariants })
      .parse(await this.ask('GET', '/webhooks/payload-variants'))
      .payloadVariants.map(({ name }) => name);
  }

  /** Sends a webhook behind which there is no operation, and tells what was answered. */
  async makeUp(subscriptionId: string, webhook: Record<string, unknown>): Promise<number | undefined> {
    return delivery.parse(await this.ask('POST', `/subscriptions/${subscriptionId}/webhooks`, webhook)).answer?.status;
  }

  /** Everything that goes wrong, by the name of its rule, and how often it has happened. */
  async faults(): Promise<{ id: string; name: string; fired: number }[]> {
    const rules = z.array(z.looseObject({ id: z.string(), name: z.string(), fired: z.int() }));
    return z.object({ faults: rules }).parse(await this.ask('GET', '/faults')).faults;
  }

  /** From now on something goes wrong where the rule says so. The answer is the id of the rule. */
  async fault(rule: Record<string, unknown>): Promise<string> {
    return z.looseObject({ id: z.string() }).parse(await this.ask('POST', '/faults', rule)).id;
  }

  async endFault(id: string): Promise<void> {
    await this.ask('DELETE', `/faults/${id}`);
  }

  /** The same while the work is done. */
  async withFault<T>(rule: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
    const id = await this.fault(rule);
    try {
      return await work();
    } finally {
      await this.endFault(id);
    }
  }

  /** Does the work while Microsoft knows no purchase, operation or webhook any more; time, offers, applications and settings stay. Then all is there as before. */
  async wiped<T>(work: () => Promise<T>): Promise<T> {
    await this.ask('POST', '/snapshots', { name: 'before-the-wipe' });
    const snapshot = z.looseObject({ documents: z.record(z.string(), z.array(z.unknown())) });
    const { documents, ...format } = snapshot.parse(await this.ask('GET', '/snapshots/before-the-wipe'));
    const wiped = ['subscription', 'operation', 'webhook', 'history', 'timer', 'used-purchase-token', 'usage-event'];
    const left = Object.fromEntries(Object.entries(documents).filter(([kind]) => !wiped.includes(kind)));
    await this.ask('PUT', '/snapshots/wiped', { ...format, documents: left });
    await this.ask('POST', '/snapshots/wiped/restore');
    try {
      return await work();
    } finally {
      await this.ask('POST', '/snapshots/before-the-wipe/restore');
    }
  }

  /** Lets business time pass, with everything that is due on the way. */
  async advance(duration: string): Promise<void> {
    z.looseObject({ reached: z.literal(true) }).parse(await this.ask('POST', '/clock/advance', { duration }));
  }

  /** The same, to an instant. */
  async advanceTo(instant: Date): Promise<void> {
    z.looseObject({ reached: z.literal(true) }).parse(await this.ask('POST', '/clock/advance', { to: instant.toISOString() }));
  }

  /** The customer's switch, which no webhook tells. */
  async renewal(subscriptionId: string, changes: { autoRenew: boolean }): Promise<void> {
    await this.ask('PATCH', `/subscriptions/${subscriptionId}`, changes);
  }

  /** Does the work under other settings, and puts back what was there before, whether the work succeeds or fails. */
  async under<T>(settings: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
    const present = z.record(z.string(), z.unknown()).parse(await this.ask('GET', '/settings'));
    const before = Object.fromEntries(Object.keys(settings).map((name) => [name, present[name]]));
    await this.ask('PATCH', '/settings', settings);
    try {
      return await work();
    } finally {
      await this.ask('PATCH', '/settings', before);
    }
  }

  /** Where the system has broken one of Microsoft's rules; what is only advised is left out. */
  async breaches(): Promise<z.infer<typeof breach>[]> {
    return z.object({ breaches: z.array(breach) }).parse(await this.ask('GET', '/breaches?severity=breach')).breaches;
  }

  async forgetBreaches(): Promise<void> {
    await this.ask('DELETE', '/breaches');
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.call(method, path, body);
    if (status >= 300) throw new Error(`The emulator answered ${method} ${path} with ${status}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  private async call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: answer.status, text: await answer.text() };
  }
}
