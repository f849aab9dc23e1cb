import { randomUUID } from 'node:crypto';
import { operationDecided, operationSettled, operationVerified, type OperationStatus, type Settlement } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import type { TestGateway } from './gateway.fixture';

/** A notification as Microsoft posts it, of an offer that has no rules where nothing else is said. */
export const payload = (changes: object = {}) => ({
  id: randomUUID(),
  subscriptionId: randomUUID(),
  action: 'ChangePlan',
  publisherId: 'fabrikam',
  offerId: 'without-rules',
  planId: 'gold',
  operationRequestSource: 'Azure',
  ...changes,
});
export type Payload = ReturnType<typeof payload>;

export interface PostOptions {
  /** Null: none. */
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  /** Of another copy of the gateway. */
  readonly url?: string;
  /** Of another registration. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

/** What a spec about webhooks does with its gateway. */
export const webhooksOf = (gateway: () => TestGateway) => {
  const sentAbout = async (operationId: string) => (await gateway().sent()).filter(({ data }) => data['operationId'] === operationId);
  return {
    async post(body: string | Buffer | object, { token, headers = {}, url = gateway().url, path = '/webhook', signal }: PostOptions = {}) {
      const authorization = token === null ? {} : { authorization: `Bearer ${token ?? (await gateway().identity.webhookToken())}` };
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
        redirect: 'manual',
        headers: { 'content-type': 'application/json', ...authorization, ...headers },
        ...(signal && { signal }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    sentAbout,
    /** Resolves when that many answers to an operation were published. */
    answersTo: (operationId: string, count = 1) =>
      until(
        async () => (await sentAbout(operationId)).filter(({ type }) => type === 'landfall.gateway.webhook-answered.v1'),
        (answers) => answers.length >= count,
      ),
    stored: (operationId: string) => gateway().query('select * from gateway.webhook_deliveries where operation_id = $1', [operationId]),
  };
};

/** The value when it is right, or the last one. The limit is for a machine that is busy with other things. */
export async function until<T>(read: () => T | Promise<T>, isRight: (value: T) => boolean, limitMs = 120_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isRight(value) || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** How many deliveries were counted under these labels by now: each a value or some. */
export async function counted(labels: Readonly<Record<string, string | readonly string[]>>): Promise<number> {
  const metric = await register.getSingleMetric('webhook_deliveries_total')!.get();
  const isMeant = (given: object) =>
    Object.entries(labels).every(([name, values]) => [values].flat().includes(String((given as Record<string, unknown>)[name])));
  return metric.values.filter((entry) => isMeant(entry.labels)).reduce((sum, { value }) => sum + value, 0);
}

/** Runs the work with the wall clock set ahead; timers stay real. */
export async function later(ms: number, work: () => Promise<void>) {
  jest.useFakeTimers({
    now: Date.now() + ms,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'queueMicrotask'],
  });
  try {
    await work();
  } finally {
    jest.useRealTimers();
  }
}

const ids = ({ id, subscriptionId, action }: Payload) => ({ operationId: id, subscriptionId, action });

/** Subscription's decision about an operation of the subscription of a registration. */
export const decided = (notification: Payload, verdict: 'accepted' | 'refused', reason: string | null = null, registration = 'default') =>
  operationDecided({ ...ids(notification), registration, verdict, reason, version: 1 });

const shown = (notification: Payload, registration: string) => ({
  ...ids(notification),
  registration,
  ...{ source: 'Azure', planId: null, quantity: null, timeStamp: null, isRevert: false, operationDate: null, seenOpenAt: null, read: null },
});

/** Fulfillment has seen the end of an operation. */
export const ended = (notification: Payload, settled: Settlement, registration = 'default') =>
  operationSettled({ ...shown(notification, registration), settled });
/** Fulfillment has seen it for the first time. */
export const firstSeen = (notification: Payload, operationStatus: OperationStatus, registration = 'default') =>
  operationVerified({ ...shown(notification, registration), operationStatus });
