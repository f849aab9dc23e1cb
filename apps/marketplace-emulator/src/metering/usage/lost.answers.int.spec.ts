import { Publisher, type ApiAnswer } from '../../testing/publisher';
import { advance, microsoftsWaits } from '../../testing/timeline';

let publisher: Publisher;
let id: string;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: microsoftsWaits });
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
  id = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
});

afterAll(() => publisher.stop());

/** Two events of this second: a retry sends them as they are. */
function batch() {
  const effectiveStartTime = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString();
  const event = { resourceId: id, planId: 'base', effectiveStartTime };
  return { request: [...['emails', 'texts'].map((dimension, index) => ({ ...event, dimension, quantity: 150 + index }))] };
}

const report = (body: object) => publisher.api('POST', '/batchUsageEvent', body);
const statusesOf = ({ body }: ApiAnswer) => body.result.map(({ status }: { status: string }) => status);
const storedOf = ({ body }: ApiAnswer) =>
  body.result.map(
    ({ error }: { error: { additionalInfo: { acceptedMessage: { quantity: number } } } }) => error.additionalInfo.acceptedMessage.quantity,
  );
const accepted = async () => (await publisher.control('GET', `/usage-events?subscriptionId=${id}`)).body.accepted;

const lost: [string, object][] = [
  ['the connection is reset', { effect: 'reset', afterWork: true }],
  ['no answer comes', { effect: 'hang', ms: 50, afterWork: true }],
  ['the answer is cut', { effect: 'cutBody', afterBytes: 20 }],
  ['half of its JSON is there', { effect: 'malformed' }],
  ['it is a 500', { effect: 'status', status: 500, afterWork: true }],
  ['it is a 503 with Retry-After', { effect: 'status', status: 503, retryAfter: 1, afterWork: true }],
  ['a gateway answers', { effect: 'html', status: 502, afterWork: true }],
];

it.each(lost)('a batch whose answer is lost has been accepted: %s; its repetition is told what is stored', async (_, effect) => {
  await publisher.fault({ on: { route: 'postBatchUsageEvent' }, when: { count: 1 }, do: effect });
  const sent = batch();
  const answer = await report(sent).catch(() => undefined);
  expect(Array.isArray(answer?.body?.result)).toBe(false);
  expect(await accepted()).toMatchObject([
    { dimension: 'emails', quantity: 150 },
    { dimension: 'texts', quantity: 151 },
  ]);
  const repeated = await report(sent);
  expect([statusesOf(repeated), storedOf(repeated)]).toEqual([
    ['Duplicate', 'Duplicate'],
    [150, 151],
  ]);
  expect(await accepted()).toHaveLength(2);
});

it.each([
  ['refused by 429', { effect: 'status', status: 429, retryAfter: 1 }],
  ['reset before its work', { effect: 'reset' }],
  ['answered 503 before its work', { effect: 'status', status: 503 }],
])('a batch that is %s has left nothing, and is accepted when it is repeated', async (_, effect) => {
  await publisher.fault({ on: { route: 'postBatchUsageEvent' }, when: { count: 1 }, do: effect });
  const sent = batch();
  await report(sent).catch(() => undefined);
  expect(await accepted()).toEqual([]);
  expect(statusesOf(await report(sent))).toEqual(['Accepted', 'Accepted']);
});

it('answers are lost with a probability, the same ones with the same seed, until the rule has fired often enough', async () => {
  const effect = { effect: 'status', status: 500, afterWork: true };
  const draw = async () => {
    await publisher.control('DELETE', '/faults');
    await publisher.fault({ on: { route: 'postBatchUsageEvent' }, when: { probability: 0.5, seed: 7, count: 4 }, do: effect });
    const statuses: number[] = [];
    for (let call = 0; call < 16; call++) statuses.push((await report(batch())).status);
    return statuses;
  };
  const first = await draw();
  expect(first.filter((status) => status === 500)).toHaveLength(4);
  expect(first[0] === 200 || first.includes(200)).toBe(true);
  expect(await draw()).toEqual(first);
});

it('none of it counts as a breach of the publisher', async () => {
  await publisher.fault({ on: { route: 'postBatchUsageEvent' }, when: { count: 3 }, do: { effect: 'reset', afterWork: true } });
  const sent = batch();
  for (let attempt = 0; attempt < 4; attempt++) await report(sent).catch(() => undefined);
  const { breaches } = (await publisher.control('GET', `/breaches?severity=breach`)).body;
  expect(breaches.filter(({ rule }: { rule: string }) => rule.startsWith('usage'))).toEqual([]);
});

it('the same units under another hour, and never again under their own, are a breach once it is too late', async () => {
  await publisher.fault({ on: { route: 'postBatchUsageEvent' }, when: { count: 1 }, do: { effect: 'reset', afterWork: true } });
  const sent = batch();
  await report(sent).catch(() => undefined);
  await advance(publisher, 'PT1H');
  const { body } = await publisher.control('GET', '/clock');
  const moved = { request: sent.request.map((event) => ({ ...event, effectiveStartTime: body.now })) };
  expect(statusesOf(await report(moved))).toEqual(['Accepted', 'Accepted']);
  const found = async () =>
    (await publisher.control('GET', `/breaches?subscriptionId=${id}`)).body.breaches.filter(
      ({ rule }: { rule: string }) => rule === 'usage-moved-to-another-hour',
    );
  expect(await found()).toEqual([]);
  await advance(publisher, 'P1D');
  expect(await found()).toHaveLength(2);
});
