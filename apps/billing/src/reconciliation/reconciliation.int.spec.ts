import { randomUUID } from 'node:crypto';
import { UnitOfWork } from '@landfall/messaging';
import { Logger } from '@nestjs/common';
import { comparisonApp } from '../testing/comparison.app';
import { UsageComparison } from './usage.comparison';
import { UsageReadRepository } from './usage.read.repository';

const { app, nextRun, part, compare, listed, reportedHour, differences, subscribed, round, reports, toGrace } = comparisonApp();

const unanswered = { status: null, unanswered: 5 } as const;
const open = (kind: string, quantity: string) => ({ kind, state: 'open', quantity });

it('asks for each of the last 31 days once a day and publisher, however many copies look', async () => {
  await subscribed();
  const other = await app.copy();
  const asked = await nextRun([app, other, app, other]);
  expect(new Set(asked.map(({ day }) => day)).size).toBe(31);
  expect(asked).toHaveLength(31);
  expect(await nextRun()).toHaveLength(31);
});

it('finds nothing where both sides agree', async () => {
  const { subscriptionId, day, row } = await reportedHour();
  await listed(day, [row()], 2);
  expect(await differences(subscriptionId)).toEqual([]);
});

it.each([
  ['rejected', '300', { reconStatus: 'Rejected', processedQuantity: '0' }],
  ['mismatch', '100.5', { reconStatus: 'Mismatch', processedQuantity: '199.5' }],
  ['unexpected', '20', { submittedQuantity: '320' }],
])('keeps a difference: %s, of %s units, until a later list agrees', async (kind, quantity, differing) => {
  const { subscriptionId, day, row } = await reportedHour();
  await listed(day, [row(differing)], 2);
  await listed(day, [row(differing)]);
  expect(await differences(subscriptionId)).toEqual([open(kind, quantity)]);
  await listed(day, [row()]);
  expect(await differences(subscriptionId)).toEqual([{ kind, state: 'over', quantity }]);
});

it('takes what Microsoft’s list lacks for missing five days after the beginning of the day, and not before', async () => {
  const { subscriptionId, day } = await reportedHour();
  await listed(day, [], 4);
  expect(await differences(subscriptionId)).toEqual([]);
  await listed(day, []);
  expect(await differences(subscriptionId)).toEqual([open('missing', '300')]);
});

it('finds what Microsoft has of a subscription that nobody here knows', async () => {
  const { day, row } = await reportedHour();
  const subscriptionId = randomUUID();
  await listed(day, [row(), row({ subscriptionId })], 2);
  expect(await differences(subscriptionId)).toEqual([open('unexpected', '300')]);
});

it('expects what another system reports on a day in which billing only watched', async () => {
  const { subscriptionId, day, row } = await reportedHour();
  await app.query(`insert into billing.modes (from_hour, setting) values ($1::date, 'shadow'), ($1::date + interval '1 hour', 'live')`, [
    day,
  ]);
  await listed(day, [row({ submittedQuantity: '320', reconStatus: 'Rejected', processedQuantity: '0' })], 2);
  await app.query('delete from billing.modes');
  expect(await differences(subscriptionId)).toEqual([open('rejected', '320')]);
});

it('leaves out a dry run, and what belongs to another publisher', async () => {
  const { subscriptionId, day, row } = await reportedHour();
  const foreign = await reportedHour();
  await app.query(`update billing.subscriptions set publisher_id = 'tailspin' where id = $1`, [foreign.subscriptionId]);
  await listed(day, [row(), row({ reconStatus: 'DryRun' }), foreign.row({ submittedQuantity: '7' })], 2);
  expect([...(await differences(subscriptionId)), ...(await differences(foreign.subscriptionId))]).toEqual([]);
  await app.query(`delete from billing.usage_reads where publisher_id = 'tailspin'`);
  await app.query(`update billing.subscriptions set rates = '{}' where id = $1`, [foreign.subscriptionId]);
});

it('compares a list when all of its parts are there, each of them once, page by page', async () => {
  const hours = [await reportedHour(), await reportedHour(), await reportedHour()];
  const [first] = hours;
  await nextRun();
  const asked = (await nextRun()).find(({ day }) => day === first!.day)!;
  const date = new Date(app.clock.now()).toISOString();
  await part(asked, [hours[0]!.row({ submittedQuantity: '301' })], { isLast: false, date });
  await part(asked, [hours[0]!.row({ submittedQuantity: '301' })], { isLast: false, date });
  await compare();
  expect(await differences(first!.subscriptionId)).toEqual([]);
  await part(asked, [hours[1]!.row({ submittedQuantity: '302' })], { part: 2, isLast: false, date });
  await part(asked, [hours[2]!.row({ submittedQuantity: '303' })], { part: 3, date });
  await compare(1);
  for (const [place, { subscriptionId }] of hours.entries())
    expect(await differences(subscriptionId)).toEqual([open('unexpected', String(place + 1))]);
  expect(await app.query(`select from billing.usage_read_rows where read_id = $1`, [asked.readId])).toEqual([]);
});

it('compares fewer subscriptions together where they have many hours and rows, and one at least', async () => {
  const hours = [await reportedHour(), await reportedHour(), await reportedHour()];
  const ids = hours.map(({ subscriptionId }) => subscriptionId).sort();
  await nextRun();
  const asked = (await nextRun()).find(({ day }) => day === hours[0]!.day)!;
  await part(
    asked,
    hours.map(({ row }) => row()),
  );
  const reads = app.get(UsageReadRepository);
  const upTo = (rowLimit: number) =>
    app.get(UnitOfWork).inTransaction(async (tx) => (await reads.rangeOf(tx, (await reads.lockNext(tx))!, 500, rowLimit)).upTo);
  expect([await upTo(1), await upTo(3), await upTo(100)]).toEqual([ids[0], ids[1], null]); // an hour and a row of each
  await compare();
});

it('lets no older list say what a newer one has ended', async () => {
  const { subscriptionId, day, row } = await reportedHour();
  await nextRun();
  const date = new Date(app.clock.now()).toISOString();
  const [older] = (await nextRun()).filter((one) => one.day === day);
  await listed(day, [row()]);
  await part(older!, [row({ submittedQuantity: '1' })], { date });
  await compare();
  expect(await differences(subscriptionId)).toEqual([]);
});

it('compares all others beside a subscription whose hours can not be read, and says which it is', async () => {
  const wrong = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const unreadable = await reportedHour(unanswered);
  const others = [await reportedHour(), await reportedHour()];
  await app.query(`update billing.hours set shares = '[{"term": "x", "quantity": "many"}]' where subscription_id = $1`, [
    unreadable.subscriptionId,
  ]);
  await listed(
    unreadable.day,
    others.map(({ row }) => row({ submittedQuantity: '307' })),
    5,
  );
  for (const { subscriptionId } of others) expect(await differences(subscriptionId)).toEqual([open('unexpected', '7')]);
  expect(wrong).toHaveBeenCalledWith(
    expect.objectContaining({ subscriptionId: unreadable.subscriptionId }),
    expect.stringContaining('could not be compared'),
  );
  await app.query('delete from billing.hours where subscription_id = $1', [unreadable.subscriptionId]);
  wrong.mockRestore();
});

it('passes over nothing of another list, where a copy is at the one that could not be compared', async () => {
  const wrong = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const unreadable = await reportedHour(unanswered);
  app.clock.advance(24 * 3_600_000);
  const other = await reportedHour();
  await app.query(`update billing.hours set shares = '[{"term": "x", "quantity": "many"}]' where subscription_id = $1`, [
    unreadable.subscriptionId,
  ]);
  for (let run = 0; run < 4; run += 1) await nextRun();
  const asked = await nextRun();
  for (const { day, row } of [unreadable, other])
    await part(
      asked.find((one) => one.day === day)!,
      [row({ submittedQuantity: '307' })],
    );
  const reads = app.get(UsageReadRepository);
  const next = reads.lockNext.bind(reads);
  let looks = 0;
  let free = (): void => undefined;
  const elsewhere = jest.spyOn(reads, 'lockNext').mockImplementation(async (tx) => {
    looks += 1;
    if (looks === 2) await new Promise<void>((locked) => void heldElsewhere(locked).catch(() => undefined)); // it may be held too long on a busy machine
    return next(tx);
  });
  const heldElsewhere = (locked: () => void) =>
    app.get(UnitOfWork).inTransaction(async (tx) => {
      await next(tx);
      locked();
      await new Promise<void>((done) => (free = done));
    });
  await app.get(UsageComparison).comparePage(1);
  free();
  elsewhere.mockRestore();
  await compare();
  expect(await differences(other.subscriptionId)).toEqual([open('unexpected', '7')]);
  await app.query('delete from billing.hours where subscription_id = $1', [unreadable.subscriptionId]);
  wrong.mockRestore();
});

describe('an uncertain hour', () => {
  it('that Microsoft has is accepted three days later, and told; nothing of it is sent again', async () => {
    const { subscriptionId, day, row, hours } = await reportedHour(unanswered);
    await listed(day, [row({ reconStatus: 'Submitted', processedQuantity: '0' })], 3);
    expect(await hours()).toMatchObject([{ state: 'uncertain' }]);
    await listed(day, [row()], 2);
    expect(await hours()).toMatchObject([{ state: 'accepted', quantity: '300' }]);
    const sent = await app.sent();
    expect(sent.filter(({ type }) => type.startsWith('landfall.billing'))).toMatchObject([
      { type: 'landfall.billing.usage-reported.v1', data: { subscriptionId, quantity: '300', usageEventId: null } },
    ]);
    expect(await differences(subscriptionId)).toEqual([]);
  });

  it('that Microsoft does not have goes with a later hour', async () => {
    const { day, hours, used, subscriptionId } = await reportedHour(unanswered);
    await listed(day, [], 5);
    expect(await hours()).toMatchObject([{ state: 'carried' }]);
    await used('1', 0);
    await app.sent();
    toGrace();
    await round();
    const sent = reports(await app.sent()).flatMap(({ events }) => events.filter((event) => event.subscriptionId === subscriptionId));
    expect(sent).toMatchObject([{ quantity: '300' }]);
  });

  it('that a list can’t explain is an operator’s to decide, and shows how long that has been so', async () => {
    const { day, row, subscriptionId } = await reportedHour(unanswered);
    await listed(day, [row({ submittedQuantity: '299' })], 5);
    const decided = () => app.query(`select state, reason, decisions from billing.hours where subscription_id = $1`, [subscriptionId]);
    const by = expect.objectContaining({ by: 'list', quantity: '299', count: 1 }) as object;
    const undecided = [{ state: 'uncertain', reason: 'undecided', decisions: [by] }];
    expect(await decided()).toEqual(undecided);
    await listed(day, [row({ submittedQuantity: '299' })]);
    expect(await decided()).toEqual(undecided);
  });
});

it('shows differences to operators, and lets them explain what no list will mend', async () => {
  const { subscriptionId, day, row } = await reportedHour();
  await listed(day, [row({ submittedQuantity: '320' })], 2);
  const authorization = await app.bearer('landfall.operate');
  const url = `/usage/differences?state=open&subscriptionId=${subscriptionId}`;
  const list = async () => (await app.http({ url, headers: { authorization } })).json() as { items: { number: string }[] };
  const { items } = await list();
  expect(items).toMatchObject([{ kind: 'unexpected', day, ours: '300', submitted: '320', quantity: '20', unknown: '0', endedAt: null }]);
  const dismissed = await app.http({
    ...{ method: 'POST', url: `/usage/differences/${items[0]!.number}/dismissal`, payload: { reason: 'Reported by hand' } },
    headers: { authorization, 'idempotency-key': randomUUID() },
  });
  expect(dismissed.json()).toMatchObject({ act: 'usage-difference.dismiss', before: { state: 'open' }, after: { state: 'dismissed' } });
  await listed(day, [row({ submittedQuantity: '320' })]);
  expect((await list()).items).toEqual([]);
  await listed(day, [row({ submittedQuantity: '321' })]);
  expect(await differences(subscriptionId)).toEqual([open('unexpected', '21')]);
  expect((await list()).items).toHaveLength(1);
});
