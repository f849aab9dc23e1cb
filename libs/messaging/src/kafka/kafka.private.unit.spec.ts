import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import { patchRequestQueue, type PatchedQueue } from './kafka.patch';
import { brokersWordIn, patchProduceResponse, protocolErrorOf, type ProduceParser } from './kafka.protocol';
import { privateCluster } from './kafka.predecessor';

/** What we know of the inside of kafkajs 2.2.4. When one of these fails, look at the new version before anything is mended here. */

const { version } = JSON.parse(readFileSync(require.resolve('kafkajs/package.json'), 'utf8')) as { version: string };

it('was written for this version of kafkajs', () => expect(version).toBe('2.2.4'));

it('finds the request queue as it was when the patch was written', () => {
  const { prototype } = jest.requireActual<{ prototype: { scheduleCheckPendingRequests(): void } }>('kafkajs/src/network/requestQueue');
  const source = readFileSync(require.resolve('kafkajs/src/network/requestQueue'), 'utf8');
  expect(typeof prototype.scheduleCheckPendingRequests).toBe('function');
  expect(source).toContain("scheduleCheckPendingRequests() {\n    // If we're throttled: Schedule checkPendingRequests when the throttle");
  expect(source).toContain('this.pending = []');
  expect(source).toContain('this.throttledUntil = -1');
  expect(source).toContain('const requestTimeout = Math.max(defaultRequestTimeout, customRequestTimeout || 0)');
  expect(source).toContain('request.timeoutRequest()');
});

let armed = 0;
class Queue implements PatchedQueue {
  pending: unknown[] = [];
  throttledUntil = -1;
  constructor(readonly broker = 'broker-0') {}
  scheduleCheckPendingRequests() {
    armed++;
  }
  createSocketRequest({ requestTimeout }: { requestTimeout?: number }) {
    return { requestTimeout, timeoutRequest: () => undefined };
  }
}

it('arms the timer of the request queue only while something waits', () => {
  patchRequestQueue(Queue);
  patchRequestQueue(Queue); // twice is once
  const queue = new Queue();
  queue.scheduleCheckPendingRequests();
  expect(armed).toBe(0);
  queue.pending.push({});
  queue.scheduleCheckPendingRequests();
  expect(armed).toBe(1);
  queue.pending.pop();
  queue.throttledUntil = Date.now() + 1000;
  queue.scheduleCheckPendingRequests();
  expect(armed).toBe(2);
});

it('waits longer for a broker that was too slow, on all connections to it', () => {
  patchRequestQueue(Queue);
  const limitOf = (broker: string, requestTimeout?: number) => new Queue(broker).createSocketRequest({ requestTimeout }).requestTimeout;
  expect([limitOf('slow'), limitOf('slow', 20_000)]).toEqual([5_000, 20_000]);
  new Queue('slow').createSocketRequest({}).timeoutRequest();
  expect([limitOf('slow'), limitOf('slow', 20_000), limitOf('another')]).toEqual([10_000, 20_000, 5_000]);
});

it('finds the way to a group coordinator', () => {
  const cluster = privateCluster(new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }));
  for (const method of ['connect', 'disconnect', 'findGroupCoordinator'] as const) expect(typeof cluster[method]).toBe('function');
  const { prototype } = jest.requireActual<{ prototype: object }>('kafkajs/src/broker');
  for (const method of ['leaveGroup', 'offsetCommit']) expect(prototype).toHaveProperty(method);
});

it('gives the answer of each partition, and throws only what another try can mend', async () => {
  patchProduceResponse();
  const answer = (...codes: number[]) => ({
    topics: [{ topicName: 't', partitions: codes.map((errorCode, partition) => ({ partition, errorCode })) }],
  });
  for (const version of [3, 4, 5, 6, 7]) {
    const { parse } = jest.requireActual<ProduceParser>(`kafkajs/src/protocol/requests/produce/v${version}/response`);
    const [tooLarge, notLeader] = [10, 6];
    expect(await parse(answer(0, tooLarge))).toEqual(answer(0, tooLarge));
    await expect(parse(answer(tooLarge, notLeader))).rejects.toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION', retriable: true });
  }
  expect(protocolErrorOf(29)).toContain('TOPIC_AUTHORIZATION_FAILED');
  expect(readFileSync(require.resolve('kafkajs/src/broker'), 'utf8')).toContain('this.lookupRequest(apiKeys.Produce, requests.Produce)');
});

it.each([
  ['LEADER_NOT_AVAILABLE', 5, true],
  ['NOT_LEADER_FOR_PARTITION', 6, true],
  ['REQUEST_TIMED_OUT', 7, true],
  ['NOT_ENOUGH_REPLICAS', 19, true],
  ['UNKNOWN_TOPIC_OR_PARTITION', 3, false],
  ['TOPIC_AUTHORIZATION_FAILED', 29, false],
])('knows the word of the broker in an error that kafkajs has wrapped: %s', (type, code, isPassing) => {
  const { KafkaJSProtocolError, KafkaJSNumberOfRetriesExceeded } =
    jest.requireActual<Record<string, new (...args: unknown[]) => Error>>('kafkajs');
  const said = new KafkaJSProtocolError!({ type, code, message: 'none' });
  expect(brokersWordIn(new KafkaJSNumberOfRetriesExceeded!(said, {}))).toEqual({ type, isPassing });
});

it('knows no word of the broker where none was said', () => {
  expect(brokersWordIn(new Error('Broker not connected'))).toBeUndefined();
});
