import { randomUUID } from 'node:crypto';
import { subscriptionSnapshot, type DataOf, type Difference, type DifferenceEnd } from '@landfall/contracts';
import type { Subscription } from '@landfall/marketplace-client';
import { Logger } from '@nestjs/common';
import { snapshotOf } from '../microsoft/microsoft.mapping';
import type { ReconciliationDetail } from '../reconciliation/operators/reconciliation.view';
import { ReconciliationTimer } from '../reconciliation/reconciliation.timer';
import { fulfillmentApp } from './fulfillment.app';
import { aMarketplaceSubscription } from './microsoft.samples';

/** This service with Microsoft in memory, and sweeps that a spec begins. To be called once, where a spec file begins. */
export function sweepingApp() {
  const service = fulfillmentApp();
  const { app, marketplace, incoming } = service;

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    for (const table of ['observations', 'reconciliations', 'subscription_registrations', 'operations'])
      await app.query(`delete from fulfillment.${table}`);
    await app.get(ReconciliationTimer).look();
    await app.query(
      `update fulfillment.reconciliation_schedules set due_at = now() + interval '1 hour', may_import = true,
              whole_due_at = now() + interval '1 day', whole_failures = 0`,
    );
  });
  afterEach(() => jest.restoreAllMocks());

  /** Sold long ago, and on record here as Microsoft has it. */
  async function onRecord(differing: Partial<Subscription> = {}): Promise<Subscription> {
    const subscription = aMarketplaceSubscription({ id: randomUUID(), ...differing });
    marketplace.further.set(subscription.id, subscription);
    await recorded(subscription);
    await app.query('insert into fulfillment.subscription_registrations values ($1, $2)', [subscription.id, 'default']);
    await app.query(`update fulfillment.observations set known_since = now() - interval '1 day'`);
    return subscription;
  }
  let version = 0;
  const recorded = async (subscription: Subscription) => {
    const { subscriptionId, privateOfferId: _none, ...shown } = snapshotOf(subscription);
    const term = { termUnit: 'P1M', startDate: null, endDate: null, chargeDuration: null, ...shown.term };
    const data = { subscriptionId, privateOfferId: null, ...shown, term, version: ++version, ...rest } as unknown as DataOf<
      typeof subscriptionSnapshot
    >;
    await app.deliver(incoming(subscriptionSnapshot(data, { sequence: version })));
  };
  const rest = {
    ...{ stage: 'done', access: 'full', effectiveAt: null, observedAt: '2026-03-01T12:00:00.000Z', imported: false },
    ...{ current: { planId: 'silver', quantity: 10, status: 'Subscribed' }, cause: { source: 'landing' } },
  };
  const change = (id: string, differing: Partial<Subscription>) =>
    marketplace.further.set(id, { ...marketplace.further.get(id)!, ...differing });

  /**
   * Performs what is due, and at once what a busy machine has put off: a number or a registration that our own database did not give in time. What waits for
   * Microsoft stays.
   */
  async function performed(): Promise<void> {
    const broughtForward = `with put_off as (
      update fulfillment.job set run_at = now() where state = 'ready' and run_at > now() and last_error like '% in time%' returning id)
      select id from put_off`;
    do while ((await app.perform()) > 0);
    while ((await app.query(broughtForward)).length > 0);
  }

  /** One sweep, to its end, or until it waits for Microsoft. */
  async function sweep(): Promise<ReconciliationDetail> {
    marketplace.subscription = null; // those of the specs alone
    await app.query('update fulfillment.reconciliation_schedules set due_at = now()');
    await app.get(ReconciliationTimer).look();
    await performed();
    return newest();
  }
  async function newest(): Promise<ReconciliationDetail> {
    const [row] = await app.query<{ id: string }>('select id from fulfillment.reconciliations order by started_at desc limit 1');
    return find(row!.id);
  }
  const find = async (id: string) => {
    const headers = { authorization: await app.bearer('landfall.read') };
    const ask = () => app.management({ url: `/reconciliations/${id}`, headers });
    let answer = await ask();
    while (answer.statusCode === 503) answer = await ask(); // a busy machine
    return answer.json<ReconciliationDetail>();
  };
  const act = async (path: string, body: object = { reason: 'looked at in Partner Center' }) => {
    const headers = { authorization: await app.bearer('landfall.operate'), 'idempotency-key': randomUUID() };
    const answer = await app.management({ method: 'POST', url: `/reconciliations${path}`, headers, payload: body });
    await performed();
    return answer;
  };
  const observed = async () =>
    (await app.sent()).map(({ type, key, data }) => {
      const { occasion, difference, end } = data as { occasion?: string; difference?: string; end?: string };
      return [type.split('.')[2], key, occasion ?? difference, ...(end ? [end] : [])];
    });
  const told = (id: string) => ['subscription-observed', id, 'reconciliation'];
  const differs = (id: string, difference: Difference) => ['difference-found', id, difference];
  const differsNoMore = (id: string, difference: Difference, end: DifferenceEnd) => ['difference-ended', id, difference, end];

  return { ...service, onRecord, recorded, change, sweep, newest, find, act, observed, told, differs, differsNoMore };
}
