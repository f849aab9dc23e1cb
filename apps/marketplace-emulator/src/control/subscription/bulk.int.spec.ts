import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../limits';
import { Publisher, type ApiAnswer } from '../../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

async function make(request: object, by = publisher): Promise<ApiAnswer['body']> {
  const { status, body } = await by.control('POST', '/subscriptions/bulk', request);
  expect([status, body.error]).toEqual([201, undefined]);
  return body;
}

/** All subscriptions, page by page as the API links them. */
async function walk(by = publisher): Promise<ApiAnswer['body'][]> {
  const all = [];
  let next: string | undefined = '/saas/subscriptions';
  while (next) {
    const { body }: ApiAnswer = await by.api('GET', next);
    all.push(...(body.subscriptions ?? []));
    next = body['@nextLink'];
  }
  return all;
}

it('makes subscriptions of every state by one call, in the order of their purchases, and announces none of them', async () => {
  const made = await make({ count: 1_500 });
  const expected = { PendingFulfillmentStart: 75, Subscribed: 1_200, Suspended: 45, Unsubscribed: 180 };
  expect(made).toMatchObject({ created: 1_500, byStatus: expected });
  const all = await walk();
  expect(all).toHaveLength(1_500);
  expect([all[0].id, all.at(-1).id]).toEqual([made.first, made.last]);
  expect(all.map(({ created }) => created)).toEqual(all.map(({ created }) => created).sort());
  const counted = Object.fromEntries(
    Object.keys(expected).map((status) => [status, all.filter((one) => one.saasSubscriptionStatus === status).length]),
  );
  expect(counted).toEqual(expected);
  expect(new Set(all.map(({ id }) => id)).size).toBe(1_500);
  expect((await publisher.control('GET', '/deliveries')).body.deliveries).toEqual([]);
  expect(publisher.received).toEqual([]);
});

it('makes subscriptions that live on like bought ones', async () => {
  const { last: id } = await make({
    count: 20,
    mix: { subscribed: 1 },
    planIds: ['silver', 'gold'],
    createdWithin: 'P90D',
    terms: { P1M: 1 },
    endingShare: 0,
  });
  const before = await publisher.truth(id);
  const planId = before.planId === 'silver' ? 'platinum' : 'silver';
  const { status, body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId });
  expect([status, (await publisher.settled(id, body.operationId)).status]).toEqual([202, 'Succeeded']);
  expect(await publisher.truth(id)).toMatchObject({ planId, saasSubscriptionStatus: 'Subscribed' });
  expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(202);
  const page = await fetch(`${publisher.emulator.storeUrl}/subscriptions/${id}`);
  expect(page.status).toBe(200);
});

it('arms their deadlines: activation, payment, the end of the term', async () => {
  await make({
    count: 9,
    mix: { pending: 1, suspended: 1, subscribed: 1 },
    planIds: ['silver'],
    terms: { P1M: 1 },
    endingShare: 0,
    createdWithin: 'P25D',
  });
  await publisher.control('POST', '/clock/advance', { duration: 'P31D' });
  const all = await walk();
  const { now } = (await publisher.control('GET', '/clock')).body;
  const active = all.filter(({ saasSubscriptionStatus }) => saasSubscriptionStatus === 'Subscribed');
  expect([active.length, all.filter(({ saasSubscriptionStatus }) => saasSubscriptionStatus === 'Unsubscribed').length]).toEqual([3, 6]);
  for (const { term } of active) expect(Date.parse(term.endDate) + 86_400_000).toBeGreaterThan(Date.parse(now));
  const isOurs = ({ body }: { body: { subscriptionId: string } }) => all.some(({ id }) => id === body.subscriptionId);
  const actions = (await publisher.webhooks(9, isOurs)).map(({ body }) => body.action).sort();
  expect(actions).toEqual([...Array(3).fill('Renew'), ...Array(6).fill('Unsubscribe')]);
});

it('gives each its customer, who can sign in, and a reseller where it was sold by one', async () => {
  await make({ count: 300, tenants: 10, cspShare: 0.5 });
  const all = await walk();
  expect(new Set(all.map(({ beneficiary }) => beneficiary.tenantId)).size).toBe(10);
  const people = (await publisher.control('GET', '/people')).body.people as { id: string; organisation: string }[];
  for (const { beneficiary, purchaser, allowedCustomerOperations, name } of all) {
    const person = people.find(({ id }) => id === beneficiary.objectId);
    expect(name).toContain(person?.organisation);
    expect(purchaser.objectId === beneficiary.objectId).toBe(allowedCustomerOperations.length > 1);
  }
});

it('makes the same again for the same seed, and goes on from there at the next call', async () => {
  const request = { count: 200, seed: 7 };
  await make(request);
  const first = await walk();
  await publisher.control('POST', '/reset');
  await make(request);
  const again = await walk();
  const summaryOf = ({ id, name, offerId, planId, quantity, saasSubscriptionStatus }: ApiAnswer['body']) => [
    id,
    name,
    offerId,
    planId,
    quantity,
    saasSubscriptionStatus,
  ];
  expect(again.map(summaryOf)).toEqual(first.map(summaryOf));
  await make(request);
  expect(new Set((await walk()).map(({ id }) => id)).size).toBe(400);
});

it('lets everybody else have a turn meanwhile, and stops when a reset comes', async () => {
  let isMade = false;
  const making = publisher.control('POST', '/subscriptions/bulk', { count: 100 * limits.bulkPerTurn }).finally(() => (isMade = true));
  let sizeMeanwhile = 0;
  while (sizeMeanwhile === 0 && !isMade)
    sizeMeanwhile = (await publisher.control('GET', '/subscriptions?limit=1')).body.subscriptions.length;
  expect([sizeMeanwhile > 0, isMade]).toEqual([true, false]);
  await publisher.control('POST', '/reset');
  const { status, body } = await making;
  expect([status, body.error]).toEqual([409, expect.stringContaining('reset or a restored snapshot came in between')]);
  expect((await publisher.control('GET', '/subscriptions')).body.subscriptions).toEqual([]);
});

it.each([
  ['no count', {}, 'count'],
  ['none', { count: 0 }, 'count'],
  ['more than there may be', { count: limits.subscriptions + 1 }, 'count'],
  ['an unknown offer', { count: 1, offerIds: ['unheard-of'] }, 'offerIds'],
  ['a plan that no offer has', { count: 1, planIds: ['unheard-of'] }, 'planIds'],
  ['a mix of nothing', { count: 1, mix: { pending: 0 } }, 'mix'],
  ['an unknown state', { count: 1, mix: { active: 1 } }, 'mix'],
  ['no duration', { count: 1, createdWithin: 'a year' }, 'createdWithin'],
  ['a share above one', { count: 1, cspShare: 1.1 }, 'cspShare'],
])('refuses %s by a sentence', async (_what, request, field) => {
  const { status, body } = await publisher.control('POST', '/subscriptions/bulk', request);
  expect([status, body.problems[0].field]).toEqual([400, expect.stringMatching(new RegExp(`^${field}`))]);
});

it('refuses what would be too many together with those that are there', async () => {
  await publisher.buy();
  const { status, body } = await publisher.control('POST', '/subscriptions/bulk', { count: limits.subscriptions, tenants: 1 });
  expect([status, body.error]).toEqual([409, expect.stringContaining(`There may be ${limits.subscriptions} subscriptions`)]);
});

it('keeps them over a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulk-'));
  const before = await Publisher.start({ dataDir });
  const { byStatus } = await make({ count: 700 }, before);
  const truths = (await before.control('GET', '/subscriptions?limit=1000')).body;
  await before.stop();
  const after = await Publisher.start({ dataDir });
  expect((await after.control('GET', '/subscriptions?limit=1000')).body).toEqual(truths);
  expect(byStatus.Subscribed).toBe(560);
  await after.stop();
  rmSync(dataDir, { recursive: true });
});
