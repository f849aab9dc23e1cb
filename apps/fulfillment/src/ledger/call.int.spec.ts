import { randomUUID } from 'node:crypto';
import { activate } from '@landfall/contracts';
import { CallLedger } from '../microsoft/call.ledger';
import { rejected } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { callView, type CallView } from './call.view';

const { app, marketplace, incoming } = fulfillmentApp();

interface Answer {
  readonly items: CallView[];
  readonly next: string | null;
}

async function calls(query: string) {
  const headers = { authorization: await app.bearer('landfall.read', 'operator-1') };
  const answer = await app.management({ url: `/calls?${query}`, headers });
  return { status: answer.statusCode, page: answer.json<Answer>() };
}

async function recorded(subscriptionId: string, count: number) {
  const route = '/saas/subscriptions/{subscriptionId}';
  for (let at = 0; at < count; at += 1) {
    app.get(CallLedger).record({
      ...{ requestId: randomUUID(), correlationId: `work-${at}`, registration: 'contoso', method: 'GET', route, purpose: 'reading' },
      ...{ subscriptionId, status: at === 0 ? null : 200, durationMs: 12.4, microsoftRequestId: `theirs-${at}` },
      ...(at === 0 && { error: 'MARKETPLACE_UNAVAILABLE/timeout' }),
    });
  }
  const isWritten = async () => (await calls(`subscriptionId=${subscriptionId}&limit=200`)).page.items.length === count;
  for (let look = 0; look < 250 && !(await isWritten()); look += 1) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('shows every call about a subscription, with the ids that Microsoft’s support needs', async () => {
  const subscriptionId = randomUUID();
  await recorded(subscriptionId, 1);
  await recorded(randomUUID(), 1);
  const { page } = await calls(`subscriptionId=${subscriptionId.toUpperCase()}`);
  expect(page.next).toBeNull();
  expect(page.items.map((item) => callView.strict().parse(item))).toEqual([
    {
      ...{ requestId: expect.any(String), microsoftRequestId: 'theirs-0', correlationId: 'work-0', registration: 'contoso' },
      ...{ purpose: 'reading', method: 'GET', route: '/saas/subscriptions/{subscriptionId}', subscriptionId, operationId: null },
      ...{ startedAt: expect.any(String), durationMs: 12, status: null, error: 'MARKETPLACE_UNAVAILABLE/timeout' },
    },
  ]);
});

it('shows them page by page, the newest first, each once', async () => {
  const subscriptionId = randomUUID();
  await recorded(subscriptionId, 7);
  const seen: CallView[] = [];
  let next: string | null = null;
  do {
    const after: string = next === null ? '' : `&after=${next}`;
    const { page } = await calls(`subscriptionId=${subscriptionId}&limit=3${after}`);
    expect(page.items.length).toBeLessThanOrEqual(3);
    seen.push(...page.items);
    next = page.next;
  } while (next !== null);
  expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(7);
  const instants = seen.map(({ startedAt }) => startedAt);
  expect(instants).toEqual(instants.toSorted().reverse());
});

it('shows the calls of a registration that are about no subscription, as List and Resolve, since an instant', async () => {
  const registration = `r-${randomUUID()}`;
  const [about, list] = [randomUUID(), randomUUID()];
  const call = { correlationId: 'work', registration, method: 'GET', purpose: 'reconciliation', status: 403, durationMs: 5 } as const;
  app.get(CallLedger).record({ ...call, requestId: about, route: '/saas/subscriptions/{subscriptionId}', subscriptionId: randomUUID() });
  app.get(CallLedger).record({ ...call, requestId: list, route: '/saas/subscriptions' });
  const shown = async (more = '') => {
    const { status, page } = await calls(`registration=${registration}${more}`);
    return status === 200 ? page.items.map(({ requestId }) => requestId) : []; // it is known by its calls alone
  };
  for (let look = 0; look < 250 && (await shown()).length === 0; look += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await shown()).toEqual([list]);
  expect(await shown('&since=2000-01-01T00:00:00Z')).toEqual([list]);
  expect(await shown('&since=2999-01-01T00:00:00Z')).toEqual([]);
});

it('names the registrations that there are, where nothing was ever asked through the one that was named', async () => {
  const headers = { authorization: await app.bearer('landfall.read', 'operator-1') };
  const answer = await app.management({ url: '/calls?registration=nobody', headers });
  expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
    400,
    'Landfall does not know registration nobody. There is default',
  ]);
});

it('shows the calls of one course of events: an activation that failed leads to them by its correlation id', async () => {
  marketplace.show({ status: 'PendingFulfillmentStart', term: undefined });
  const { id } = marketplace.subscription!;
  marketplace.onActivate = () => {
    throw rejected('the plan does not match');
  };
  const order = incoming(activate({ subscriptionId: id, planId: 'silver', quantity: 10, version: 3 }));
  await app.deliver({ ...order, correlationId: 'purchase-7' }, incoming(activate({ ...order.data, subscriptionId: randomUUID() })));
  await app.perform();
  app.clock.advance(24 * 3_600_000);
  await app.perform();
  const failed = (await app.sent()).find(({ key }) => key === id)!;
  expect(failed).toMatchObject({ type: 'landfall.fulfillment.activation-failed.v1', correlationId: 'purchase-7' });
  const { items } = (await calls(`correlationId=${failed.correlationId}`)).page;
  expect(items.map(({ method, route, subscriptionId }) => [method, route, subscriptionId])).toEqual([
    ['POST', '/saas/subscriptions/{subscriptionId}/activate', id],
  ]);
  expect((await calls('correlationId=purchase-7&since=2999-01-01T00:00:00Z')).page.items).toEqual([]);
});

it.each([
  ['neither a subscription nor a registration nor a course of events', 'limit=3'],
  ['two of them', `subscriptionId=${randomUUID()}&registration=default`],
  ['two others of them', 'correlationId=work&registration=default'],
  ['a correlation id without end', `correlationId=${'x'.repeat(201)}`],
  ['what is no id', 'subscriptionId=1'],
  ['a page without end', `subscriptionId=${randomUUID()}&limit=201`],
  ['what is no next', `subscriptionId=${randomUUID()}&after=1`],
  ['a next that is no instant', `subscriptionId=${randomUUID()}&after=2026-13-45T99:00:00.000000Z_${randomUUID()}`],
  ['the year 0', `subscriptionId=${randomUUID()}&since=0000-01-01T00:00:00Z`],
  ['what is no name of a registration', 'registration=%00'],
])('refuses %s', async (_what, query) => {
  expect((await calls(query)).status).toBe(400);
});

it('is for nobody without a token of an operator', async () => {
  expect((await app.management({ url: `/calls?subscriptionId=${randomUUID()}` })).statusCode).toBe(401);
});
