import { randomUUID } from 'node:crypto';
import { changeSubscription, webhookReceived } from '@landfall/contracts';
import { MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { aPerson } from '@landfall/testing';
import { Logger } from '@nestjs/common';
import { away } from '../testing/fake.marketplace';
import { aMarketplaceSubscription } from '../testing/microsoft.samples';
import { sweepingApp } from '../testing/sweep.fixture';
import { ReconciliationTimer } from './reconciliation.timer';

const {
  app,
  marketplace,
  incoming,
  performLater,
  failures,
  onRecord,
  recorded,
  change,
  sweep,
  newest,
  find,
  act,
  observed,
  told,
  differs,
  differsNoMore,
} = sweepingApp();

it('says nothing where the record and Microsoft agree, and lists without reading', async () => {
  await onRecord();
  expect(await sweep()).toMatchObject({ state: 'complete', tally: { pages: 1, read: 0 }, found: { known: 1, missing: 0 }, asks: [] });
  expect([await observed(), marketplace.times('getSubscription')]).toEqual([[], 0]);
});

it('reads what differs, hands it over, and stops when the record has it', async () => {
  const { id } = await onRecord();
  await onRecord();
  change(id, { planId: 'gold' });
  expect(await sweep()).toMatchObject({ tally: { read: 1, published: 1 } });
  expect(await observed()).toEqual([told(id)]);
  await sweep();
  expect(await observed()).toEqual([told(id)]); // it compares with the record, not with what it handed over
  await recorded(marketplace.further.get(id)!);
  await sweep();
  expect(await observed()).toEqual([]);
});

it('reads everything once a day, and names again whom Microsoft names: what was told of them before may not be readable there', async () => {
  const { id } = await onRecord({ purchaser: { ...aPerson(), emailId: 'ada@reseller.example' } });
  const contacts = async () => (await app.sent()).map(({ key, data }) => [key, (data as { encryptedContacts: unknown }).encryptedContacts]);
  await app.query('update fulfillment.reconciliation_schedules set whole_due_at = now()');
  expect(await sweep()).toMatchObject({ isWhole: true, tally: { read: 1 } });
  expect(await contacts()).toEqual([[id, expect.stringMatching(/^eyJ/)]]);
  expect(await sweep()).toMatchObject({ isWhole: false, tally: { read: 0 } });
  change(id, { planId: 'gold' });
  expect(await sweep()).toMatchObject({ isWhole: false, tally: { read: 1 } });
  expect(await contacts()).toEqual([[id, null]]);
});

it('reads everything again only after a pause that grows where the list could not be followed to its end', async () => {
  await onRecord();
  marketplace.listed = () => ({ subscriptions: [...marketplace.further.values()], nextLink: 'https://again' });
  for (const [failures, hours] of [
    [0, 1],
    [1, 2],
    [5, 24],
  ]) {
    await app.query('update fulfillment.reconciliation_schedules set whole_due_at = now(), whole_failures = $1', [failures]);
    expect(await sweep()).toMatchObject({ isWhole: true, state: 'incomplete' });
    const due = 'select round(extract(epoch from whole_due_at - due_at) / 3600)::int as hours from fulfillment.reconciliation_schedules';
    expect(await app.query(due)).toEqual([{ hours }]);
  }
  expect(await sweep()).toMatchObject({ isWhole: false, tally: { read: 0 } });
});

it('goes on after an outage at the page where it was, as after a crash, and begins no second sweep beside it', async () => {
  const [one, two] = [await onRecord(), await onRecord()];
  for (const { id } of [one, two]) change(id, { quantity: 11 });
  let isDown = true;
  marketplace.listed = (link) => {
    if (link && isDown) throw away();
    return { subscriptions: [marketplace.further.get((link ? two : one).id)!], nextLink: link ? null : 'https://next' };
  };
  const { state } = await sweep();
  for (let run = 0; run < 3; run += 1) await performLater();
  await app.query('update fulfillment.reconciliation_schedules set due_at = now()');
  await app.get(ReconciliationTimer).look();
  expect([state, (await failures())[0], (await app.query('select from fulfillment.reconciliations')).length]).toEqual([
    'running',
    { state: 'ready', failures: 0 },
    1,
  ]);
  expect(await observed()).toEqual([told(one.id)]);
  isDown = false;
  const listed = marketplace.times('listPage');
  for (let run = 0; run < 4; run += 1) await performLater();
  expect([await observed(), marketplace.times('listPage') - listed]).toEqual([[told(two.id)], 1]);
});

it('ends, as incomplete, where the list goes in a circle or its link is refused, and takes nothing for missing then', async () => {
  const [one, two] = [await onRecord(), await onRecord()];
  marketplace.listed = () => ({ subscriptions: [one], nextLink: 'https://again' });
  expect(await sweep()).toMatchObject({ state: 'incomplete', found: null });
  marketplace.listed = (link) => {
    if (link) throw new MarketplaceRejected('400', { status: 400 });
    return { subscriptions: [one], nextLink: 'https://old' };
  };
  const { id } = await sweep();
  for (let run = 0; run < 6; run += 1) await performLater();
  expect(await find(id)).toMatchObject({ state: 'incomplete', missing: [] });
  expect([await app.jobs(), two.status]).toEqual([[], 'Subscribed']);
});

it('reads what the list does not say of plan, seats, status or term, and again what an answer leaves out', async () => {
  const { id } = await onRecord();
  change(id, { planId: 'gold' });
  const withoutPlan = { ...marketplace.further.get(id)!, planId: '' };
  marketplace.listed = () => ({ subscriptions: [withoutPlan], nextLink: null });
  const answers = jest.spyOn(marketplace, 'getSubscription').mockResolvedValueOnce({ ...withoutPlan, date: new Date().toISOString() });
  expect(await sweep()).toMatchObject({ tally: { read: 1, published: 1 } });
  expect([await observed(), answers.mock.calls.length]).toEqual([[told(id), told(id)], 2]); // each of the two is a read of its own (rule 2)
});

it('asks three times at most for what Microsoft never says', async () => {
  const { id } = await onRecord();
  change(id, { planId: '' });
  const before = marketplace.times('getSubscription');
  expect(await sweep()).toMatchObject({ tally: { read: 1, published: 0 } });
  expect([await observed(), marketplace.times('getSubscription') - before]).toEqual([[], 3]);
});

it('leaves alone what belongs to another registration', async () => {
  const { id } = await onRecord();
  await app.query(`update fulfillment.subscription_registrations set registration = 'fabrikam' where subscription_id = $1`, [id]);
  change(id, { planId: 'gold' });
  expect(await sweep()).toMatchObject({ tally: { others: 1, read: 0 } });
  expect(await observed()).toEqual([]);
});

it('follows an operation whose webhook never came, as if it had', async () => {
  const { id } = await onRecord({ status: 'Suspended' });
  marketplace.operate({ subscriptionId: id, action: 'Reinstate', planId: undefined });
  expect(await sweep()).toMatchObject({ tally: { operations: 1 } });
  expect(await observed()).toEqual([['operation-verified', id, undefined]]);
});

it('keeps a read whose outstanding operations cannot be listed, and asks for them again', async () => {
  const [one, two] = [await onRecord({ status: 'Suspended' }), await onRecord()];
  marketplace.operate({ subscriptionId: one.id, action: 'Reinstate', planId: undefined });
  change(two.id, { planId: 'gold' });
  let isDown = true;
  marketplace.failing = (call) => {
    if (isDown && call === 'listOperations') throw away(500);
  };
  expect(await sweep()).toMatchObject({ state: 'running', tally: { read: 2, operations: 0 } });
  expect(await observed()).toEqual([told(two.id)]);
  isDown = false;
  const listed = marketplace.times('listPage');
  for (let run = 0; run < 3; run += 1) await performLater();
  expect([(await newest()).state, marketplace.times('listPage') - listed]).toEqual(['complete', 0]);
  expect((await observed()).map(([type]) => type)).toContain('operation-verified');
});

it('follows one on whose webhook it was shown while the first look at it was made', async () => {
  const { id: subscriptionId } = await onRecord({ status: 'Suspended' });
  const action = 'Reinstate';
  const { id: operationId } = marketplace.operate({ subscriptionId, action, planId: undefined });
  const now = new Date().toISOString();
  const named = { deliveryId: randomUUID(), subscriptionId, operationId, action, source: 'Azure', registration: 'default', planId: null };
  const webhook = incoming(webhookReceived({ ...named, quantity: null, timeStamp: now, isRevert: false, receivedAt: now }));
  jest.spyOn(marketplace, 'getOperation').mockImplementationOnce(async () => {
    await app.deliver(webhook);
    throw new MarketplaceNotFound('Microsoft answered 404', { status: 404 });
  });
  await sweep();
  expect(await failures()).toMatchObject([{ failures: 0 }]);
  const row = 'status, shown_since is not null as shown, gone_since is not null as gone';
  expect(await app.query(`select ${row} from fulfillment.operations`)).toEqual([{ status: 'InProgress', shown: true, gone: true }]);
});

describe('the guard against mass loss', () => {
  it('lets a few ends through by itself', async () => {
    const sold = [await onRecord(), await onRecord(), await onRecord()];
    change(sold[0]!.id, { status: 'Unsubscribed' });
    const asked = {
      subscriptionId: sold[0]!.id,
      requestId: randomUUID(),
      version: 4,
      action: 'ChangePlan',
      planId: 'gold',
      quantity: null,
    } as const;
    await app.deliver(incoming(changeSubscription(asked)));
    await app.query(`update fulfillment.job set state = 'dead', failures = 40`);
    expect(await sweep()).toMatchObject({ found: { known: 3, ended: 1 }, asks: [] });
    expect(await app.jobs()).toEqual([]); // nobody is called any more for what had failed before the end
    expect((await observed()).filter(([type]) => type === 'subscription-observed')).toEqual([told(sold[0]!.id)]);
  });

  it('keeps back all ends, and nothing else, until an operator lets them through', async () => {
    const sold = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    for (const { id } of sold.slice(0, 4)) change(id, { status: 'Unsubscribed' });
    change(sold[5]!.id, { planId: 'gold' });
    const { id } = await sweep();
    expect(await find(id)).toMatchObject({ found: { known: 6, ended: 4 }, asks: ['loss'], answers: {} });
    const ended = sold.slice(0, 4).map((one) => one.id);
    const guarded = ended.map((one) => differs(one, 'guarded'));
    expect((await observed()).toSorted()).toEqual([...guarded, told(sold[5]!.id)].toSorted());
    expect((await act(`/${id}/release`)).statusCode).toBe(200);
    const after = await observed();
    expect(after.toSorted()).toEqual(ended.flatMap((one) => [told(one), differsNoMore(one, 'guarded', 'shown-again')]).toSorted());
    const typesOf = (one: string) => after.filter(([, key]) => key === one).map(([type]) => type);
    for (const one of ended) expect(typesOf(one)).toEqual(['subscription-observed', 'difference-ended']); // the read ends the drift, with its event
    expect((await act(`/${id}/release`)).statusCode).toBe(409);
  });

  it('ends nobody where Microsoft has been wiped, asks an operator, and flags what three sweeps do not show', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error');
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) ids.push((await onRecord()).id);
    const listedAgain = marketplace.further.get(ids[0]!)!;
    marketplace.further.clear();
    for (let count = 0; count < 3; count += 1)
      expect(await sweep()).toMatchObject({ found: { known: 4, missing: 4, ended: 0 }, asks: ['loss'] });
    expect((await observed()).toSorted()).toEqual(ids.map((one) => differs(one, 'missing')).toSorted());
    expect(logged.mock.calls.map(([, words]) => words as string).filter((words) => words.includes('three complete sweeps'))).toHaveLength(
      1,
    );
    marketplace.further.set(ids[0]!, listedAgain);
    const { id } = await sweep();
    expect([(await find(id)).missing.length, await observed()]).toEqual([3, [differsNoMore(ids[0]!, 'missing', 'shown-again')]]);
    expect(await find(id)).toMatchObject({ asks: [] }); // so few ask nothing, and can be dismissed all the same
    expect([(await act(`/${id}/dismissal`)).statusCode, (await act(`/${id}/dismissal`)).statusCode]).toEqual([200, 409]);
    const dismissed = ids.slice(1).map((one) => differsNoMore(one, 'missing', 'dismissed'));
    expect((await observed()).toSorted()).toEqual(dismissed.toSorted());
    expect(await sweep()).toMatchObject({ found: { missing: 0 }, asks: [] });
    expect(await observed()).toEqual([]); // once, and not with each sweep
  });
});

describe('the first import', () => {
  it('waits for an operator, who sees what it would bring', async () => {
    await app.query('update fulfillment.reconciliation_schedules set may_import = false');
    const sold = aMarketplaceSubscription({ id: randomUUID() });
    marketplace.further.set(sold.id, sold);
    const { id } = await sweep();
    expect(await find(id)).toMatchObject({
      asks: ['import'],
      found: { unknown: 1 },
      findings: [{ subscriptionId: sold.id, finding: 'unknown' }],
    });
    expect([await observed(), marketplace.times('getSubscription')]).toEqual([[], 0]);
    await act(`/${id}/release`);
    const sent = await app.sent();
    expect(sent.map(({ key, data }) => [key, (data as { occasion?: string }).occasion])).toEqual([[sold.id, 'reconciliation']]);
    expect((sent[0]!.data as { encryptedContacts?: string }).encryptedContacts).toMatch(/^ey/); // who never configured it can be written to
  });

  it('needs nobody where the first complete sweep finds nothing unknown', async () => {
    await app.query('update fulfillment.reconciliation_schedules set may_import = false');
    await onRecord();
    await sweep();
    const sold = aMarketplaceSubscription({ id: randomUUID() });
    marketplace.further.set(sold.id, sold);
    await sweep();
    expect(await observed()).toEqual([told(sold.id)]);
  });
});

it('begins now when an operator wants it, and joins a sweep that is under way', async () => {
  marketplace.subscription = null;
  await onRecord();
  const begun = await act('', { reason: 'after an outage' });
  const { reconciliation } = begun.json<{ after: { reconciliation: string } }>().after;
  expect(await find(reconciliation)).toMatchObject({ occasion: 'operator', state: 'complete' });
  const refused = await act('', { reason: 'x', registration: 'nobody' });
  expect(refused.json()).toMatchObject({ status: 404, detail: 'Landfall does not know registration nobody. There is default' });
});
