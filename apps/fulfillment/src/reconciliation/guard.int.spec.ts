import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { register } from 'prom-client';
import { away } from '../testing/fake.marketplace';
import { aMarketplaceSubscription } from '../testing/microsoft.samples';
import { sweepingApp } from '../testing/sweep.fixture';
import type { ReconciliationDetail } from './operators/reconciliation.view';
import { ObservationRepository } from './observation.repository';
import { ReconciliationRepository } from './reconciliation.repository';
import { ReconciliationWorker } from './reconciliation.worker';

const service = sweepingApp();
const { app, marketplace, crash, performLater, onRecord, recorded, change, sweep, newest, find, act, observed, told, differsNoMore } =
  service;

describe('what the guard keeps back', () => {
  it('tells every end that an operator let through, also where the process ends before the first ones are recorded', async () => {
    const sold = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    for (const { id } of sold.slice(0, 4)) change(id, { status: 'Unsubscribed' });
    const { id } = await sweep();
    const headers = { authorization: await app.bearer('landfall.operate'), 'idempotency-key': randomUUID() };
    await app.management({ method: 'POST', url: `/reconciliations/${id}/release`, headers, payload: { reason: 'a reseller has left' } });
    await crash((job) => app.get(ReconciliationWorker).release(job));
    while ((await app.perform()) > 0);
    const ends = (await observed()).filter(([type]) => type === 'subscription-observed');
    const ended = sold.slice(0, 4).map((one) => told(one.id));
    expect(ends.toSorted()).toEqual(ended.toSorted());
    expect(await find(id)).toMatchObject({ findings: [] });
  });

  it('lets through what a later sweep found although letting through died in an earlier one', async () => {
    await app.query(
      `insert into fulfillment.job (id, kind, key, payload, state, run_at, causation_id, correlation_id, created_at)
       values ($1, 'release-findings', 'release:default', '{}', 'dead', now(), 'c', 'c', now())`,
      [randomUUID()],
    );
    const [gone] = [await onRecord(), await onRecord(), await onRecord()];
    change(gone!.id, { status: 'Unsubscribed' });
    await sweep();
    await performLater();
    expect(await observed()).toContainEqual(told(gone!.id));
  });

  it('ends what it lets through unasked although the operator dismisses the import that the same sweep asks about', async () => {
    await app.query('update fulfillment.reconciliation_schedules set may_import = false');
    const sold = [await onRecord(), await onRecord(), await onRecord()];
    const unknown = aMarketplaceSubscription({ id: randomUUID() });
    marketplace.further.set(unknown.id, unknown);
    change(sold[0]!.id, { status: 'Unsubscribed' });
    let reads = 0;
    marketplace.failing = (call) => {
      if (call === 'getSubscription' && ++reads > 1) throw away(); // so that the end still waits when the answer comes
    };
    const { id } = await sweep();
    expect(await find(id)).toMatchObject({ asks: ['import'], found: { ended: 1, unknown: 1 } });
    expect((await act(`/${id}/dismissal`)).statusCode).toBe(200);
    marketplace.failing = () => undefined;
    await performLater();
    expect(await observed()).toEqual([told(sold[0]!.id)]);
  });

  it('takes an answer for each of two questions, and does what each says', async () => {
    await app.query('update fulfillment.reconciliation_schedules set may_import = false');
    const sold = [];
    for (let count = 0; count < 4; count += 1) sold.push(await onRecord());
    for (const { id } of sold) change(id, { status: 'Unsubscribed' });
    const unknown = aMarketplaceSubscription({ id: randomUUID() });
    marketplace.further.set(unknown.id, unknown);
    const { id } = await sweep();
    await observed();
    const answer = (path: string, questions?: string[]) =>
      act(`/${id}/${path}`, { reason: 'looked at them', ...(questions && { questions }) });
    expect((await answer('release', ['import', 'import'])).statusCode).toBe(400);
    expect((await answer('release', ['import'])).json()).toMatchObject({
      before: { answers: {} },
      after: { answers: { import: 'released' } },
    });
    expect([await find(id), await observed()]).toMatchObject([{ asks: ['loss', 'import'], findings: { length: 4 } }, [told(unknown.id)]]);
    expect(await register.metrics()).toMatch(/^reconciliation_unanswered_seconds (?!0$)/m);
    expect((await answer('release', ['import'])).statusCode).toBe(409);
    expect((await answer('dismissal')).statusCode).toBe(200);
    expect(await find(id)).toMatchObject({ answers: { loss: 'dismissed', import: 'released' }, findings: [] });
    expect((await observed()).toSorted()).toEqual(sold.map((one) => differsNoMore(one.id, 'guarded', 'dismissed')).toSorted());
    expect(await register.metrics()).toMatch(/^reconciliation_unanswered_seconds 0$/m);
  });

  it('counts from the first sweep that asked, however many ask the same after it, and anew once nothing was to be asked', async () => {
    const age = async () => Number(/^reconciliation_unanswered_seconds (\S+)$/m.exec(await register.metrics())![1]);
    const anHourLater = () => app.query(`update fulfillment.reconciliations set ended_at = ended_at - interval '1 hour'`);
    const sold = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    const { listed } = marketplace;
    marketplace.listed = () => ({ subscriptions: [], nextLink: null });
    for (const hours of [0, 1, 2]) {
      expect(await sweep()).toMatchObject({ asks: ['loss'] });
      expect(Math.floor((await age()) / 3_600)).toBe(hours);
      await anHourLater();
    }
    marketplace.listed = listed;
    expect(await sweep()).toMatchObject({ asks: [] });
    expect(await age()).toBe(0);
    await anHourLater();
    marketplace.listed = () => ({ subscriptions: [], nextLink: null });
    expect(await sweep()).toMatchObject({ asks: ['loss'] });
    expect(await age()).toBeLessThan(3_600);
  });

  it('shows what was dismissed, counts it, and asks about it again when the dismissal is taken back', async () => {
    const sold = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    const [hidden, ...ended] = sold.slice(0, 5).map(({ id }) => id);
    marketplace.listed = () => ({ subscriptions: [...marketplace.further.values()].filter((one) => one.id !== hidden), nextLink: null });
    for (const id of ended) change(id, { status: 'Unsubscribed' });
    const { id } = await sweep();
    expect((await act(`/${id}/dismissal/withdrawal`)).statusCode).toBe(409);
    await act(`/${id}/dismissal`);
    const dismissed = [{ subscriptionId: hidden, finding: 'missing' }, ...ended.map((one) => ({ subscriptionId: one, finding: 'ended' }))];
    const inOrder = dismissed.toSorted((one, other) => (one.subscriptionId! < other.subscriptionId! ? -1 : 1));
    expect(await sweep()).toMatchObject({ asks: [], found: { missing: 0, ended: 0 }, dismissed: [] });
    expect((await find(id)).dismissed).toEqual(inOrder);
    expect(await register.metrics()).toMatch(/^reconciliation_dismissed_subscriptions 5$/m);
    expect((await act(`/${id}/dismissal/withdrawal`)).json()).toMatchObject({ after: { answers: { loss: 'withdrawn' } } });
    expect([(await find(id)).dismissed, (await act(`/${id}/dismissal/withdrawal`)).statusCode]).toEqual([[], 409]);
    expect(await register.metrics()).toMatch(/^reconciliation_dismissed_subscriptions 0$/m);
    expect(await sweep()).toMatchObject({ asks: ['loss'], found: { missing: 1, ended: 4 } });
  });

  it('tells once more what was let through and the record has not taken over, and asks nobody about it again', async () => {
    const sold = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    const ended = sold.slice(0, 4).map(({ id }) => id);
    for (const id of ended) change(id, { status: 'Unsubscribed' });
    const { id } = await sweep();
    await act(`/${id}/release`);
    await observed();
    expect(await sweep()).toMatchObject({ asks: [], found: { ended: 0 }, findings: [] });
    expect((await observed()).toSorted()).toEqual(ended.map(told).toSorted());
    for (const one of ended) change(one, { status: 'Subscribed' });
    await sweep();
    for (const one of ended) change(one, { status: 'Unsubscribed' }); // they were alive in between: that is another end
    expect(await sweep()).toMatchObject({ asks: ['loss'], found: { ended: 4 } });
  });

  it('lets ends through, or asks about them, also where the list can never be followed to its end, and calls nothing missing then', async () => {
    const sold = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    const [hidden, first, ...others] = sold.map(({ id }) => id);
    marketplace.listed = () => ({
      subscriptions: [...marketplace.further.values()].filter(({ id }) => id !== hidden),
      nextLink: 'https://again',
    });
    change(first!, { status: 'Unsubscribed' });
    expect(await sweep()).toMatchObject({ state: 'incomplete', found: { known: 6, missing: 0, ended: 1 }, asks: [], missing: [] });
    expect(await observed()).toEqual([told(first!)]);
    await recorded(marketplace.further.get(first!)!);
    for (const id of others) change(id, { status: 'Unsubscribed' });
    const { id } = await sweep();
    expect(await find(id)).toMatchObject({ state: 'incomplete', found: { known: 5, ended: 4 }, asks: ['loss'] });
    expect(await sweep()).toMatchObject({ state: 'incomplete', found: null, asks: [] }); // and takes nothing out of the question
    const reads = async () => (await observed()).filter(([type]) => type === 'subscription-observed').toSorted();
    expect(await reads()).toEqual([]);
    expect((await act(`/${id}/release`)).statusCode).toBe(200);
    expect(await reads()).toEqual(others.map(told).toSorted());
  });

  it('finds the end of one that may be missing, as an operator said, when it is listed again', async () => {
    const sold = [await onRecord(), await onRecord(), await onRecord(), await onRecord()];
    marketplace.further.clear();
    const { id } = await sweep();
    expect((await act(`/${id}/dismissal`)).statusCode).toBe(200);
    for (const one of sold) marketplace.further.set(one.id, one);
    change(sold[0]!.id, { status: 'Unsubscribed' });
    expect(await sweep()).toMatchObject({ found: { missing: 0, ended: 1 }, asks: [] });
    expect(await observed()).toEqual([told(sold[0]!.id)]);
  });

  it('has nothing to let through of what is only missing, and tells nobody of it any more when it was dismissed', async () => {
    for (let count = 0; count < 4; count += 1) await onRecord();
    marketplace.further.clear();
    const { id, asks } = await sweep();
    expect(asks).toEqual(['loss']);
    const released = await act(`/${id}/release`);
    expect([released.statusCode, released.json<{ detail: string }>().detail]).toEqual([409, expect.stringContaining('Dismiss it')]);
    expect((await act(`/${id}/dismissal`)).statusCode).toBe(200);
    for (let sweeps = 0; sweeps < 3; sweeps += 1) expect(await sweep()).toMatchObject({ asks: [], found: { missing: 0 } });
    const told = jest.mocked(Logger.prototype.error).mock.calls.map(([, words]) => words as string);
    expect(told.filter((words) => words.includes('three complete sweeps'))).toEqual([]);
  });

  it('takes nothing from a copy that hung, and writes when its sweep has ended', async () => {
    const { id: subscriptionId } = await onRecord();
    const { id } = await sweep();
    const observations = app.get(ObservationRepository);
    await app.query('update fulfillment.observations set seen_in = null');
    expect(await observations.seen(id, [{ subscriptionId, isAlive: true }])).toBe(0);
    await observations.keepBack(id, 'ended', [subscriptionId]);
    expect(await find(id)).toMatchObject({ findings: [] });
  });

  it('counts no end of which the record has learnt meanwhile', async () => {
    const subscription = await onRecord();
    const id = randomUUID();
    const running = `insert into fulfillment.reconciliations (id, registration, occasion, is_whole, state, tally)
                     values ($1, 'default', 'timer', false, 'running', '{}')`;
    await app.query(running, [id]);
    await app.get(ObservationRepository).keepBack(id, 'ended', [subscription.id]);
    await recorded({ ...subscription, status: 'Unsubscribed' });
    const reconciliations = app.get(ReconciliationRepository);
    expect([await reconciliations.countPiece(id, null, true), await reconciliations.countKeptBack(id)]).toMatchObject([
      { known: 0, isLast: true },
      { ended: 0 },
    ]);
  });

  it('counts no end of what became known while the sweep ran, as by its own import', async () => {
    const { id: imported } = await onRecord();
    const id = randomUUID();
    await app.query(
      `insert into fulfillment.reconciliations (id, registration, occasion, is_whole, state, tally) values ($1, 'default', 'timer', false, 'running', '{}')`,
      [id],
    );
    await app.query('update fulfillment.observations set known_since = now()');
    await app.get(ObservationRepository).keepBack(id, 'ended', [imported]);
    expect(await app.get(ReconciliationRepository).countKeptBack(id)).toMatchObject({ ended: 0, endedSinceKnown: 1 });
  });
});

describe('an answer that is given while the next sweep runs', () => {
  /** Begins a sweep that waits before its second page, and gives what lets it go on. */
  async function halfway(first: readonly string[], second: readonly string[]): Promise<() => Promise<ReconciliationDetail>> {
    let isDown = true;
    const page = (ids: readonly string[]) => ids.map((id) => marketplace.further.get(id)!);
    marketplace.listed = (link) => {
      if (link && isDown) throw away();
      return link ? { subscriptions: page(second), nextLink: null } : { subscriptions: page(first), nextLink: 'https://next' };
    };
    expect(await sweep()).toMatchObject({ state: 'running' });
    return async () => {
      isDown = false;
      for (let run = 0; run < 10; run += 1) await performLater();
      return newest();
    };
  }

  it.each(['release', 'dismissal'] as const)('is about what that has found again as well: nobody is asked twice (%s)', async (answer) => {
    const sold: Awaited<ReturnType<typeof onRecord>>[] = [];
    for (let count = 0; count < 6; count += 1) sold.push(await onRecord());
    const ids = sold.map(({ id }) => id);
    const ended = ids.slice(0, 4);
    for (const id of ended) change(id, { status: 'Unsubscribed' });
    const { id: asking } = await sweep();
    const goOn = await halfway(ids.slice(0, 2), ids.slice(2));
    await observed();
    expect((await find(asking)).findings).toHaveLength(4);
    expect((await act(`/${asking}/${answer}`)).statusCode).toBe(200);
    const [after, isReleased] = [await observed(), answer === 'release'];
    const end = (id: string) => differsNoMore(id, 'guarded', isReleased ? 'shown-again' : 'dismissed');
    expect(after.toSorted()).toEqual(ended.flatMap((id) => (isReleased ? [told(id), end(id)] : [end(id)])).toSorted());
    if (isReleased) for (const one of sold.slice(0, 4)) await recorded({ ...one, status: 'Unsubscribed' });
    expect(await goOn()).toMatchObject({ state: 'complete', found: { ended: 0 }, asks: [] });
    expect(await observed()).toEqual([]);
  });

  it('lets an import through that was allowed meanwhile', async () => {
    await app.query('update fulfillment.reconciliation_schedules set may_import = false');
    const sell = () => {
      const sold = aMarketplaceSubscription({ id: randomUUID() });
      marketplace.further.set(sold.id, sold);
      return sold.id;
    };
    const known = sell();
    const { id: asking } = await sweep();
    const goOn = await halfway([known], [sell()]);
    await act(`/${asking}/release`);
    expect(await observed()).toEqual([told(known)]);
    expect(await goOn()).toMatchObject({ state: 'complete', found: { unknown: 1 }, asks: [] });
    expect((await observed()).map(([type]) => type)).toEqual(['subscription-observed']);
  });
});
