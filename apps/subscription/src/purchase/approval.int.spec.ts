import { cancellationFailed } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import { aSnapshot, manyMore, scraped, testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, at, confirmed, observed, resolved, tenantReadyFor } from '../testing/subscription.builders';
import { withoutTheKeeper } from '../testing/history.fixture';
import { subscriptionPage } from '../subscription/subscription.view';

const { publisherId, offerId } = aSnapshot();
const catalogFile = join(mkdtempSync(join(tmpdir(), 'catalog-')), 'catalog.yaml');
writeFileSync(
  catalogFile,
  `publishers: { ${publisherId}: { offers: { ${offerId}: { displayName: Team, plans: { silver: { activation: on-approval }, gold: {} } } } } }`,
);
const app = testApp(AppModule, { schema, migrations, env: { CATALOG_FILE: catalogFile } });

afterEach(() => withoutTheKeeper(app, 'truncate subscription.subscriptions cascade'));
afterEach(() => app.sent());

const reason = 'We sell this plan in the EU only.';
const pendingRead = (subscriptionId: string, planId = 'silver') =>
  aRead(5, { subscriptionId, planId, status: 'PendingFulfillmentStart', term: undefined });

/** A purchase that its customer has confirmed. */
async function waiting(planId = 'silver'): Promise<string> {
  const subscriptionId = randomUUID();
  await app.deliver(resolved(pendingRead(subscriptionId, planId)));
  await app.deliver(confirmed(subscriptionId));
  await app.sent();
  return subscriptionId;
}

async function act(id: string, what: 'approval' | 'rejection', body: object = { reason }, key: string = randomUUID()) {
  const headers = { authorization: await app.bearer('landfall.operate'), 'idempotency-key': key };
  const answer = await app.http({ method: 'POST', url: `/subscriptions/${id}/${what}`, headers, payload: body });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}
const view = async (id: string) =>
  (await app.http({ method: 'GET', url: `/subscriptions/${id}`, headers: { authorization: await app.bearer('landfall.read') } })).json<
    Record<string, unknown>
  >();
const list = async (query: string) => {
  const headers = { authorization: await app.bearer('landfall.read') };
  return app.http({ method: 'GET', url: `/subscriptions?${query}`, headers });
};
const kinds = async () => (await app.sent()).map(({ type }) => type.replace(/^landfall\.|\.v1$/g, ''));
const acts = (id: string) =>
  app.query<Record<string, unknown>>(
    'select act, actor, reason, before, after from subscription.operator_act where subject = $1 order by id',
    [`subscriptions/${id}`],
  );

it('sets up what is approved, and records who did it and why in the same transaction', async () => {
  const id = await waiting();
  const answer = await act(id, 'approval', { reason: 'their contract is signed' });
  expect(answer).toMatchObject({
    status: 200,
    body: { act: 'purchase.approve', subject: `subscriptions/${id}`, after: { stage: 'provisioning' } },
  });
  expect(await kinds()).toEqual(['subscription.updated', 'subscription.snapshot', 'subscription.provisioning-requested']);
  expect(await acts(id)).toMatchObject([
    {
      act: 'purchase.approve',
      reason: 'their contract is signed',
      before: { stage: 'awaiting-approval' },
      after: { stage: 'provisioning' },
    },
  ]);
  await app.deliver(tenantReadyFor(3, id));
  expect(await kinds()).toContain('fulfillment.activate');
});

it('cancels what is rejected, and shows why in the record and its history', async () => {
  const id = await waiting();
  expect(await act(id, 'rejection')).toMatchObject({ status: 200, body: { act: 'purchase.reject', reason } });
  expect(await kinds()).toEqual(['subscription.cancellation-requested', 'subscription.snapshot', 'fulfillment.cancel-subscription']);
  expect(await view(id)).toMatchObject({ stage: 'rejected', rejectionReason: reason, access: 'none', failureReason: null });
  const headers = { authorization: await app.bearer('landfall.read') };
  const history = (await app.http({ method: 'GET', url: `/subscriptions/${id}/history`, headers })).json<{ items: { event: string }[] }>();
  expect(history.items.at(-1)).toMatchObject({ event: 'landfall.subscription.cancellation-requested.v1', cause: { source: 'operator' } });
});

it.each(['approval', 'rejection'] as const)('does an %s once, and answers alike what is sent again under its key', async (what) => {
  const id = await waiting();
  const key = randomUUID();
  const first = await act(id, what, { reason }, key);
  await app.sent();
  expect(await act(id, what, { reason }, key)).toEqual(first);
  expect(await app.sent()).toEqual([]);
  expect(await act(id, what, { reason: 'another' }, key)).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  expect(await act(id, what)).toMatchObject({ status: 409, body: { code: 'REFUSED' } });
  expect(await acts(id)).toHaveLength(1);
});

it('lets one of two decisions at the same moment win, and tells the other', async () => {
  const id = await waiting();
  const answers = await Promise.all([act(id, 'approval'), act(id, 'rejection')]);
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409]);
  const sent = await kinds();
  expect(sent.includes('fulfillment.cancel-subscription')).not.toBe(sent.includes('subscription.provisioning-requested'));
});

it('tells what cannot be decided, and does nothing', async () => {
  expect(await act(randomUUID(), 'approval')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect(await act('nonsense', 'rejection')).toMatchObject({ status: 400 });
  const setUp = await waiting('gold');
  expect(await act(setUp, 'rejection')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('needs none') } });
  const rejected = await waiting();
  await act(rejected, 'rejection');
  await app.sent();
  expect(await act(rejected, 'approval')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('was rejected') } });
  const ended = await waiting();
  await app.deliver(observed(aRead(50, { subscriptionId: ended, status: 'Unsubscribed' })));
  expect(await act(ended, 'approval')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('has ended') } });
  const billed = await waiting();
  await app.deliver(observed(aRead(50, { subscriptionId: billed })));
  await app.sent();
  expect(await act(billed, 'rejection')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Approve it') } });
  expect(await app.sent()).toEqual([]);
});

it.each([
  ['no reason', {}],
  ['an empty one', { reason: '  ' }],
  ['one of several lines', { reason: 'no\nway' }],
  ['one that is too long', { reason: 'x'.repeat(501) }],
  ['something else beside it', { reason, quick: true }],
])('takes no rejection with %s', async (_what, body) => {
  expect(await act(await waiting(), 'rejection', body)).toMatchObject({ status: 400 });
});

it('asks for the role that may act', async () => {
  const id = await waiting();
  const send = async (authorization?: string) =>
    (
      await app.http({
        ...{ method: 'POST', url: `/subscriptions/${id}/approval`, payload: { reason } },
        headers: { 'idempotency-key': 'k', ...(authorization && { authorization }) },
      })
    ).statusCode;
  expect(await send()).toBe(401);
  expect(await send(await app.bearer('landfall.read'))).toBe(403);
});

it('finds what waits, page by page, those first that have waited longest', async () => {
  const ids = [await waiting(), await waiting(), await waiting()];
  await waiting('gold');
  const rejected = await waiting();
  await act(rejected, 'rejection');
  await app.query(`update subscription.subscriptions set changed_at = now() - interval '1 day' where id = $1`, [ids[2]]);
  const first = subscriptionPage.strict().parse((await list('stage=awaiting-approval&limit=2')).json());
  expect(first.items.map(({ subscriptionId }) => subscriptionId)).toEqual([ids[2], ids[0]]);
  const second = subscriptionPage.parse((await list(`stage=awaiting-approval&limit=2&after=${encodeURIComponent(first.next!)}`)).json());
  expect(second).toMatchObject({ items: [{ subscriptionId: ids[1] }], next: null });
  expect((await list('stage=rejected')).json()).toMatchObject({ items: [{ subscriptionId: rejected, rejectionReason: reason }] });
  for (const query of ['', 'stage=done', 'stage=awaiting-approval&limit=201', 'stage=awaiting-approval&after=x'])
    expect({ query, status: (await list(query)).statusCode }).toEqual({ query, status: 400 });
});

it('shows an operator how long purchases wait for approval, and that a cancellation has failed', async () => {
  const id = await waiting();
  await app.query(`update subscription.subscriptions set changed_at = now() - interval '100 days'`);
  expect(await register.metrics()).toMatch(/^subscription_oldest_awaiting_approval_seconds 86400\d\d/m);
  await act(id, 'rejection');
  const [{ requestId } = {}] = await app.query<{ requestId: string }>(
    'select cancellation_request_id as "requestId" from subscription.subscriptions where id = $1',
    [id],
  );
  await app.deliver(cancellationFailed({ subscriptionId: id, requestId: requestId!, reason: 'Microsoft answered 409', failedAt: at(90) }));
  await app.query(`update subscription.subscriptions set changed_at = now() - interval '100 days'`);
  const scrape = await register.metrics();
  expect(scrape).toMatch(/^subscription_oldest_awaiting_approval_seconds 0$/m);
  expect(scrape).toMatch(/^subscription_oldest_failed_seconds 86400\d\d/m);
  expect(await view(id)).toMatchObject({ failureReason: 'cancellation failed: Microsoft answered 409' });
});

it('counts since when a subscription is billed without access, whatever changes about it meanwhile', async () => {
  const id = await waiting();
  await app.deliver(observed(aRead(50, { subscriptionId: id })));
  await app.query(`update subscription.subscriptions set first_subscribed_at = now() - interval '100 days' where id = $1`, [id]);
  await act(id, 'approval');
  expect(await register.metrics()).toMatch(/^subscription_oldest_unserved_seconds 86400\d\d/m);
  await app.deliver(tenantReadyFor(9, id));
  expect(await register.metrics()).toMatch(/^subscription_oldest_unserved_seconds 0$/m);
});

it('reads as little for the metrics of a scrape however many subscriptions are waiting', async () => {
  const id = await waiting();
  await app.deliver(observed(aRead(50, { subscriptionId: id })));
  await manyMore(app, 'subscription.subscriptions', {
    ...{
      id: 'gen_random_uuid()',
      changed_at: `now() - n * interval '1 s'`,
      failure_reason: `nullif(n % 2, 0)::text`,
      next_milestone_at: 'null',
    },
    stage: `(array['awaiting-approval', 'provisioning', 'activating'])[1 + n % 3]`,
  });
  const [asked, ...more] = await scraped(app, 'subscription.subscriptions');
  expect([asked!.pages < 50 || asked, more]).toEqual([true, []]);
});
