import { changeFailed } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { announced, aRead, at, observed, settled } from '../testing/subscription.builders';
import { requestView, type RequestView } from './request.view';

const app = testApp(AppModule, { schema, migrations });

afterEach(() => app.sent());

const reason = 'Asked for in ticket 4711.';

/** A subscription that Microsoft shows as Subscribed, with ten silver seats. */
async function subscribed(changes: Parameters<typeof aRead>[1] = {}): Promise<string> {
  const subscriptionId = randomUUID();
  await app.deliver(observed(aRead(5, { subscriptionId, ...changes })));
  await app.sent();
  return subscriptionId;
}

type Kind = 'plan-changes' | 'quantity-changes' | 'cancellations';
async function post(id: string, kind: Kind, body: object = {}, key: string = randomUUID(), role = 'landfall.operate') {
  const headers = { authorization: await app.bearer(role as never), 'idempotency-key': key };
  const answer = await app.http({ method: 'POST', url: `/subscriptions/${id}/${kind}`, headers, payload: { reason, ...body } });
  return { status: answer.statusCode, body: answer.json<RequestView & { code?: string; detail?: string }>() };
}
async function get<T = RequestView>(path: string): Promise<{ status: number; body: T }> {
  const headers = { authorization: await app.bearer('landfall.read') };
  const answer = await app.http({ method: 'GET', url: `/subscriptions/${path}`, headers });
  return { status: answer.statusCode, body: answer.json<T>() };
}
const kinds = async () => (await app.sent()).map(({ type }) => type.replace(/^landfall\.|\.v1$/g, ''));

it.each([
  ['plan-changes', { planId: 'gold' }, 'ChangePlan', 'change-requested'],
  ['quantity-changes', { quantity: 12 }, 'ChangeQuantity', 'change-requested'],
  ['cancellations', {}, 'Unsubscribe', 'cancellation-requested'],
] as const)('keeps, tells and orders what is posted to %s, and records who asked and why', async (kind, target, action, event) => {
  const id = await subscribed();
  const answer = await post(id, kind, target);
  expect(answer).toMatchObject({ status: 202, body: { subscriptionId: id, action, state: 'pending', reason, ...target } });
  expect(await kinds()).toEqual([`subscription.${event}`, 'subscription.snapshot', 'fulfillment.change-subscription']);
  const { requestId, actor } = requestView.strict().parse(answer.body);
  expect(await get(`${id}/requests/${requestId}`)).toEqual({ status: 200, body: answer.body });
  expect(await get<RequestView[]>(`${id}/requests`)).toEqual({ status: 200, body: [answer.body] });
  expect(
    await app.query('select act, actor, reason from subscription.operator_act where subject = $1', [`subscriptions/${id}`]),
  ).toMatchObject([{ act: expect.stringContaining('.request'), actor, reason }]);
});

it.each([
  ['an operator', 'operator', {}],
  ['a product', 'product', { idtyp: 'app' }],
])('tells in history what was requested by %s', async (_whose, kind, claims) => {
  const id = await subscribed();
  const headers = { authorization: await app.bearer('landfall.operate', 'asker-1', claims), 'idempotency-key': randomUUID() };
  const payload = { reason, planId: 'gold' };
  const { requestId, actorKind } = (
    await app.http({ method: 'POST', url: `/subscriptions/${id}/plan-changes`, headers, payload })
  ).json<RequestView>();
  expect(actorKind).toBe(kind);
  await app.deliver(changeFailed({ subscriptionId: id, requestId, outcome: 'failed', reason: 'no', code: null, failedAt: at(90) }));
  const requester = { kind, id: 'asker-1' };
  expect((await get<{ items: object[] }>(`${id}/history?after=1`)).body.items).toMatchObject([
    { event: 'landfall.subscription.change-requested.v1', actor: requester, onBehalfOf: null },
    { event: 'landfall.subscription.change-failed.v1', actor: { kind: 'microsoft' }, onBehalfOf: requester },
  ]);
});

it('is one request under one idempotency key, also at the same moment, and answers as it stands by then', async () => {
  const id = await subscribed();
  const key = randomUUID();
  const [one, other] = await Promise.all([
    post(id, 'plan-changes', { planId: 'gold' }, key),
    post(id, 'plan-changes', { planId: 'gold' }, key),
  ]);
  expect(one).toEqual(other);
  expect((await kinds()).filter((kind) => kind === 'fulfillment.change-subscription')).toHaveLength(1);
  await app.deliver(
    changeFailed({
      ...{ subscriptionId: id, requestId: one.body.requestId, outcome: 'failed' },
      reason: 'no',
      code: '400',
      failedAt: at(90),
    }),
  );
  expect(await post(id, 'plan-changes', { planId: 'gold' }, key)).toMatchObject({
    status: 202,
    body: { requestId: one.body.requestId, state: 'failed', failure: 'no', code: '400' },
  });
});

it('refuses a key that was used for another target, reason or kind of request, and does nothing', async () => {
  const id = await subscribed();
  const key = randomUUID();
  await post(id, 'plan-changes', { planId: 'gold' }, key);
  await app.sent();
  const reused = { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } };
  expect(await post(id, 'plan-changes', { planId: 'platinum' }, key)).toMatchObject(reused);
  expect(await post(id, 'plan-changes', { planId: 'gold', reason: 'another' }, key)).toMatchObject(reused);
  expect(await post(id, 'cancellations', {}, key)).toMatchObject(reused);
  expect(await post(await subscribed(), 'plan-changes', { planId: 'gold' }, key)).toMatchObject(reused);
  expect(await kinds()).toEqual([]);
});

it('lets one of two changes at the same moment win, names it to the other, and takes a cancellation beside it', async () => {
  const id = await subscribed();
  const answers = await Promise.all([post(id, 'plan-changes', { planId: 'gold' }), post(id, 'quantity-changes', { quantity: 12 })]);
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
  expect([won!.status, lost!.status]).toEqual([202, 409]);
  expect(lost!.body).toMatchObject({ code: 'REFUSED', detail: expect.stringContaining(won!.body.requestId) });
  expect((await post(id, 'cancellations')).status).toBe(202);
  expect((await post(id, 'cancellations')).status).toBe(409);
});

it.each<[string, Parameters<typeof aRead>[1], Kind, object]>([
  ['what a reseller sold', { allowedCustomerOperations: ['Read'] }, 'plan-changes', { planId: 'gold' }],
  ['a cancellation of what a reseller sold', { allowedCustomerOperations: ['Read'] }, 'cancellations', {}],
  ['what has ended', { status: 'Unsubscribed' }, 'cancellations', {}],
  ['what is suspended', { status: 'Suspended' }, 'quantity-changes', { quantity: 12 }],
  ['the plan that it has', {}, 'plan-changes', { planId: 'silver' }],
])('refuses %s in words, keeps nothing and asks for nothing (rule 10)', async (_what, shown, kind, body) => {
  const id = await subscribed(shown);
  expect(await post(id, kind, body)).toMatchObject({ status: 409, body: { code: 'REFUSED', detail: expect.any(String) } });
  expect([await kinds(), (await get(`${id}/requests`)).body]).toEqual([[], []]);
});

it.each<[string, Kind, object]>([
  ['no plan', 'plan-changes', {}],
  ['a plan of two lines', 'plan-changes', { planId: 'a\nb' }],
  ['no seats', 'quantity-changes', { quantity: 0 }],
  ['half a seat', 'quantity-changes', { quantity: 1.5 }],
  ['more seats than Microsoft knows', 'quantity-changes', { quantity: 1_000_001 }],
  ['no reason', 'cancellations', { reason: ' ' }],
  ['a reason that turns the direction of its text', 'cancellations', { reason: 'paid \u202eton' }],
  ['a reason of two lines', 'cancellations', { reason: 'paid\u2028not' }],
  ['a plan and seats at once', 'plan-changes', { planId: 'gold', quantity: 3 }],
])('takes no request with %s', async (_what, kind, body) => {
  expect((await post(await subscribed(), kind, body)).status).toBe(400);
});

it('asks for the role that may act, and knows neither another subscription nor its requests', async () => {
  const id = await subscribed();
  expect((await post(id, 'cancellations', {}, randomUUID(), 'landfall.read')).status).toBe(403);
  expect((await post(randomUUID(), 'cancellations')).status).toBe(404);
  expect((await get(`${randomUUID()}/requests`)).status).toBe(404);
  const { requestId } = (await post(id, 'cancellations')).body;
  expect((await get(`${await subscribed()}/requests/${requestId}`)).status).toBe(404);
});

it('has succeeded with its operation, and says who asked: in the record, its history, and to products', async () => {
  const id = await subscribed();
  const { requestId, actor } = (await post(id, 'plan-changes', { planId: 'gold' })).body;
  await app.sent();
  const operationId = randomUUID();
  const operation = { subscriptionId: id, operationId, action: 'ChangePlan', planId: 'gold', source: 'Partner' };
  await app.deliver(announced({ ...operation, timeStamp: null, requestId }));
  expect((await get(`${id}/requests/${requestId}`)).body).toMatchObject({ state: 'pending', operationId });
  const end = settled({ ...operation, read: aRead(30, { subscriptionId: id, planId: 'gold' }) });
  await app.deliver(end, end);
  const changed = (await app.sent()).filter(({ type }) => type === 'landfall.subscription.plan-changed.v1');
  expect(changed).toMatchObject([{ data: { planId: 'gold', cause: { source: 'request', operationId, actor } } }]);
  expect((await get(`${id}/requests/${requestId}`)).body).toMatchObject({ state: 'succeeded', operationId, endedAt: expect.any(String) });
  const { items } = (await get<{ items: { event: string }[] }>(`${id}/history`)).body;
  expect(items.find(({ event }) => event.includes('plan-changed'))).toMatchObject({ cause: { source: 'request', operationId, actor } });
});

it('shows an operator for how long the oldest request has been pending', async () => {
  await post(await subscribed(), 'cancellations');
  await app.query(`update subscription.change_requests set requested_at = now() - interval '1 hour'`);
  expect(await register.metrics()).toMatch(/^subscription_oldest_pending_request_seconds 36\d\d/m);
  await app.query(`update subscription.change_requests set (state, failure, ended_at) = ('failed', 'no', now())`);
  expect(await register.metrics()).toMatch(/^subscription_oldest_pending_request_seconds 0$/m);
});
