import { randomUUID } from 'node:crypto';
import { usageWrittenOff, usageReported } from '@landfall/contracts';
import { DAY_MS, hourOf, isoOf } from '../ledger/hours';
import { ledgerApp } from '../testing/ledger.app';

const { app, now, subscribed, handedOver, answer, round, toGrace, reports } = ledgerApp();

const reason = 'Seen in Partner Center';

/** An hour of 300 units that Microsoft has answered so. */
async function reportedHour(result: Parameters<typeof answer>[1]) {
  const subscription = await subscribed();
  await subscription.used('1300', 0);
  const hour = hourOf(now());
  const [report] = await handedOver();
  await answer(report!, result);
  await app.sent();
  const act = async (kind: string, body: object = {}, key: string = randomUUID()) =>
    app.http({
      ...{ method: 'POST', url: `/usage/hours/${subscription.subscriptionId}/email/${isoOf(hour)}/${kind}`, payload: { reason, ...body } },
      headers: { authorization: await app.bearer('landfall.operate'), 'idempotency-key': key },
    });
  return { ...subscription, hour, batchId: report!.batchId, act };
}

const stopped = { status: 'InvalidDimension' } as const;
const uncertain = { status: null, unanswered: 3 } as const;

it('hands a confirmed hour over once, under another batch, and keeps who confirmed it', async () => {
  const { act, hours, batchId, subscriptionId } = await reportedHour(stopped);
  const key = randomUUID();
  const answers = [await act('confirmation', {}, key), await act('confirmation', {}, key)];
  expect(answers[1]!.json()).toEqual(answers[0]!.json());
  expect(answers[0]!.json()).toMatchObject({
    ...{
      act: 'usage-hour.confirm',
      reason,
      before: { state: 'held', reason: 'InvalidDimension' },
      after: { state: 'waiting', quantity: '300' },
    },
  });
  const sent = reports(await app.sent());
  expect(sent).toMatchObject([{ events: [{ subscriptionId, quantity: '300' }] }]);
  expect(sent[0]!.batchId).not.toBe(batchId);
  expect(await hours()).toMatchObject([{ state: 'waiting' }]);
  await answer(sent[0]!, { status: 'Accepted' });
  expect(await hours()).toMatchObject([{ state: 'accepted' }]);
  expect((await act('confirmation')).json()).toMatchObject({ status: 409, code: 'REFUSED' });
});

it('carries an hour that is confirmed behind its deadline', async () => {
  const { act, hours, used } = await reportedHour(stopped);
  app.clock.advance(24 * 3_600_000);
  await used('1', 0);
  expect((await act('confirmation')).statusCode).toBe(200);
  expect(reports(await app.sent())).toEqual([]);
  toGrace();
  await round();
  expect(reports(await app.sent())).toMatchObject([{ events: [{ quantity: '300' }] }]);
  expect(await hours()).toMatchObject([{ state: 'carried' }, { state: 'waiting' }]);
});

it('writes off a held hour, and tells it', async () => {
  const { act, hours, subscriptionId } = await reportedHour(stopped);
  await act('write-off');
  const data = expect.objectContaining({ subscriptionId, quantity: '300', reason: 'operator' }) as object;
  expect(await app.sent()).toMatchObject([{ type: usageWrittenOff.type, data }]);
  expect(await hours()).toMatchObject([{ state: 'written-off' }]);
  expect(await handedOver()).toEqual([]);
});

it('accepts an uncertain hour with what Microsoft has: the rest is due', async () => {
  const { act, used, subscriptionId } = await reportedHour(uncertain);
  expect((await act('acceptance', { quantity: '0' })).statusCode).toBe(400);
  expect((await act('acceptance', { quantity: '90' })).statusCode).toBe(200);
  expect(await app.sent()).toMatchObject([{ type: usageReported.type, data: { subscriptionId, quantity: '90' } }]);
  await used('1', 0);
  expect(await handedOver()).toMatchObject([{ events: [{ quantity: '210' }] }]);
});

it('says what is wrong with a quantity that is no number or not above zero, and changes nothing', async () => {
  const { act, hours } = await reportedHour(uncertain);
  const errorsOf = async (quantity: string) => (await act('acceptance', { quantity })).json<{ status: number; errors: string[] }>();
  for (const quantity of ['3OO', '', '1.2345678'])
    expect(await errorsOf(quantity)).toMatchObject({ status: 400, errors: [expect.stringContaining('must be a decimal number')] });
  expect(await errorsOf('-3')).toMatchObject({ status: 400, errors: [expect.stringContaining('It is above 0')] });
  expect(await hours()).toMatchObject([{ state: 'uncertain' }]);
});

it('carries an uncertain hour of which Microsoft has nothing, and refuses to confirm it', async () => {
  const { act, used } = await reportedHour(uncertain);
  expect((await act('confirmation')).json()).toMatchObject({ status: 409, detail: expect.stringContaining('uncertain') as string });
  expect((await act('carry')).statusCode).toBe(200);
  await used('1', 0);
  expect(await handedOver()).toMatchObject([{ events: [{ quantity: '300' }] }]);
});

it('lists hours by their state, the oldest first, page by page', async () => {
  const [one, other] = [await reportedHour(stopped), await reportedHour(stopped)];
  const authorization = await app.bearer('landfall.read');
  const get = async (url: string) =>
    (await app.http({ url, headers: { authorization } })).json() as { items: object[]; next: string | null };
  const first = await get(`/usage/hours?state=held&limit=1`);
  expect(first.items).toMatchObject([
    { subscriptionId: one.subscriptionId, dimension: 'email', state: 'held', reason: 'InvalidDimension' },
  ]);
  const second = await get(`/usage/hours?state=held&limit=1&after=${encodeURIComponent(first.next!)}`);
  expect(second).toMatchObject({
    items: [{ subscriptionId: other.subscriptionId, answers: [{ status: 'InvalidDimension' }] }],
    next: null,
  });
  const dayOf = (hour: number) => isoOf(hour).slice(0, 'yyyy-mm-dd'.length);
  const ofDay = async (hour: number) => (await get(`/usage/hours?day=${dayOf(hour)}`)).items.length;
  const sameDay = [one, other].filter(({ hour }) => dayOf(hour) === dayOf(one.hour)).length; // midnight may lie between them
  expect([await ofDay(one.hour), await ofDay(one.hour - 2 * DAY_MS), await ofDay(one.hour + 2 * DAY_MS)]).toEqual([sameDay, 0, 0]);
  for (const { act } of [one, other]) await act('write-off');
  await app.sent();
});

it('shows the hours of one subscription whatever their state, where none is named', async () => {
  const [one, other] = [await reportedHour(stopped), await reportedHour(uncertain)];
  await one.act('write-off');
  const headers = { authorization: await app.bearer('landfall.read') };
  const statesOf = async ({ subscriptionId }: typeof one) =>
    (await app.http({ url: `/usage/hours?subscriptionId=${subscriptionId}`, headers })).json<{ items: object[] }>().items;
  expect(await statesOf(one)).toMatchObject([{ state: 'written-off' }]);
  expect(await statesOf(other)).toMatchObject([{ state: 'uncertain' }]);
  await app.sent();
});

it('answers 404 for an hour that was never handed over, and lets nobody act without the role', async () => {
  const { subscriptionId } = await subscribed();
  const url = `/usage/hours/${subscriptionId}/email/2026-01-01T10:00:00Z/carry`;
  const post = async (role: Parameters<typeof app.bearer>[0]) =>
    app.http({
      method: 'POST',
      url,
      payload: { reason },
      headers: { authorization: await app.bearer(role), 'idempotency-key': randomUUID() },
    });
  expect((await post('landfall.operate')).statusCode).toBe(404);
  expect((await post('landfall.read')).statusCode).toBe(403);
});
