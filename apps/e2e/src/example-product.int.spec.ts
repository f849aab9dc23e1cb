import { randomUUID } from 'node:crypto';
import {
  decodeMessage,
  encodeMessage,
  partitionOf,
  provisioningReplies,
  provisioningRequests,
  tenantReleaseRequested,
  tenantRequested,
  usage,
  type Draft,
  type Message,
} from '@landfall/contracts';
import { createTopics, laptopPartitions, testBroker } from '@landfall/local';
import { Kafka, logLevel, type Consumer, type Producer } from 'kafkajs';
import { eventually } from './eventually';
import { startExampleProduct, type ExampleProduct } from './example-product';

const replies: { message: Message; partition: number }[] = [];
let product: ExampleProduct;
let producer: Producer;
let consumer: Consumer;

beforeAll(async () => {
  const { brokers } = testBroker();
  await createTopics(brokers, laptopPartitions);
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'spec', logLevel: logLevel.NOTHING });
  [producer, consumer] = [kafka.producer(), kafka.consumer({ groupId: `spec-${randomUUID()}`, maxWaitTimeInMs: 500 })];
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [provisioningReplies.name, usage.name], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message: { value } }) => {
      const decoded = decodeMessage(topic === usage.name ? usage : provisioningReplies, value);
      if (decoded.kind !== 'message') throw new Error(`The product broke the contract: ${JSON.stringify(decoded)}`);
      replies.push({ message: decoded.message, partition });
    },
  });
  product = await startExampleProduct({ brokers: brokers.split(',') });
});

beforeEach(() => Object.assign(product.behaviour, { makesInMs: 0, loses: 0, fails: 0, answers: 1 }));

afterAll(async () => {
  await product?.stop();
  await Promise.all([consumer?.disconnect(), producer?.disconnect()]);
});

function aRequest(change: { isLocked?: boolean; version?: number } = {}) {
  const subscriptionId = randomUUID();
  const ids = { subscriptionId, requestId: randomUUID(), version: 2 };
  const beneficiary = { tenantId: randomUUID(), objectId: randomUUID() };
  const plan = { publisherId: 'fabrikam', offerId: 'fabrikam-desk', isPreview: false, planId: 'silver', quantity: 20 };
  return { ...ids, ...plan, beneficiary, isLocked: false, ...change };
}

async function say(...drafts: Draft[]): Promise<void> {
  const messages = drafts.map((draft) => ({
    key: draft.key,
    partition: partitionOf(draft.key, laptopPartitions),
    value: encodeMessage({
      ...draft,
      id: randomUUID(),
      source: 'spec',
      time: new Date().toISOString(),
      epoch: 0,
      correlationId: randomUUID(),
    }),
  }));
  await producer.send({ topic: provisioningRequests.name, messages });
}

/** The kinds of answers so far, waiting until there are as many as expected. */
async function answersTo({ subscriptionId }: { subscriptionId: string }, count: number): Promise<string[]> {
  return eventually(() => {
    const kinds = replies.filter(({ message }) => message.key === subscriptionId).map(({ message }) => message.type.split('.')[2]!);
    if (kinds.length < count) throw new Error(`${kinds.length} of ${count} answers came: ${kinds.join(', ')}`);
    return kinds;
  });
}

describe('the example product', () => {
  it('makes one tenant, however often it is asked, and answers each time on the partition of the subscription', async () => {
    const request = aRequest();
    await say(tenantRequested(request), tenantRequested({ ...request, isLocked: true, version: 3 }));
    expect(await answersTo(request, 2)).toEqual(['tenant-ready', 'tenant-ready']);
    expect(product.made.filter((id) => id === request.subscriptionId)).toHaveLength(1);
    expect(product.tenants.get(request.subscriptionId)).toMatchObject({ isLocked: true });
    const answer = replies.find(({ message }) => message.key === request.subscriptionId)!;
    expect(answer.partition).toBe(partitionOf(request.subscriptionId, laptopPartitions));
    expect(answer.message.data).toMatchObject({ requestId: request.requestId });
  });

  it('stops its work when the tenant is asked back meanwhile', async () => {
    product.behaviour.makesInMs = 60_000;
    const request = aRequest();
    await say(tenantRequested(request), tenantReleaseRequested({ ...request, version: 3, reason: 'It ended.' }));
    expect(await answersTo(request, 1)).toEqual(['tenant-released']);
    expect(product.tenants.has(request.subscriptionId)).toBe(false);
  });

  it('loses, fails and repeats itself where a journey wants it to', async () => {
    Object.assign(product.behaviour, { loses: 1, fails: 1, answers: 2 });
    const request = aRequest();
    await say(tenantRequested(request), tenantRequested(request), tenantRequested(request));
    expect(await answersTo(request, 4)).toEqual(['tenant-failed', 'tenant-failed', 'tenant-ready', 'tenant-ready']);
  });

  it('reports what was used, under an id by which it is known where it is reported again', async () => {
    const request = aRequest();
    const at = new Date('2026-05-04T10:15:00.000Z');
    const id = await product.report(request.subscriptionId, { quantity: '12.5', at });
    await product.report(request.subscriptionId, { quantity: '12.5', at, id });
    await answersTo(request, 2);
    const records = replies.filter(({ message }) => message.key === request.subscriptionId).map(({ message }) => message);
    const record = { source: 'fabrikam/desk', time: at.toISOString(), data: { meter: 'emails', quantity: '12.5' } };
    expect(records).toMatchObject([
      { id, ...record },
      { id, ...record },
    ]);
  });
});
