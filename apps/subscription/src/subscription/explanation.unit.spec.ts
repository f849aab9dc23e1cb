import * as given from '../testing/subscription.builders';
import { aRead, at, changeOf, decide, emitted, eventOf, loaded, orders } from '../testing/subscription.builders';

const suspended = { status: 'Suspended' } as const;
const other = '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13';

describe('rule 13: causes are told truly', () => {
  it('of a suspension that its operation explains: since when, and when the grace ends', () => {
    const outcome = decide(loaded(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', read: aRead(20, suspended) }));
    expect(eventOf(outcome, 'suspended')).toMatchObject({
      effectiveAt: at(18),
      graceEndsAt: '2026-01-31T12:00:18.000Z',
      cause: { source: 'webhook', operationId: given.operationId },
    });
  });

  it('of a suspension that a read alone shows: between when, and the grace counts from the earlier end', () => {
    const outcome = decide(loaded(), given.observed(aRead(400, suspended), 'reconciliation'));
    expect(eventOf(outcome, 'suspended')).toMatchObject({
      effectiveAt: null,
      effectiveBetween: { from: '2026-01-01T11:57:40.000Z', to: at(400) },
      graceEndsAt: '2026-01-31T11:57:40.000Z',
      cause: { source: 'reconciliation' },
    });
  });

  it('an operation about something else explains nothing', () => {
    const change = given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded', read: aRead(20, suspended) });
    expect(eventOf(decide(loaded(), change), 'suspended')['cause']).toEqual({ source: 'observed' });
  });

  it('of a change: when it was asked for is not when it was true', () => {
    const outcome = decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded' }));
    expect(eventOf(outcome, 'plan-changed')).toMatchObject({ effectiveAt: null, effectiveBetween: { from: at(18), to: at(20) } });
  });

  it('of two operations the newer one is booked', () => {
    const first = changeOf(decide(loaded(), given.announced({ action: 'ChangePlan', planId: 'gold', timeStamp: at(12) })));
    const both = changeOf(decide(first, given.announced({ action: 'ChangePlan', planId: 'gold', timeStamp: at(15), operationId: other })));
    expect(eventOf(decide(both, given.observed(aRead(20, { planId: 'gold' }))), 'plan-changed')['cause']).toMatchObject({
      operationId: other,
    });
  });

  it('an operation that failed explains nothing', () => {
    const failed = changeOf(decide(loaded(), given.settled({ action: 'ChangePlan', planId: 'gold', settled: 'Failed' })));
    const outcome = decide(failed, given.observed(aRead(40, { planId: 'gold' })));
    expect(eventOf(outcome, 'plan-changed')['cause']).toEqual({ source: 'reconciliation' });
  });

  it('a suspension that was over when the record was last seen Subscribed explains no new one', () => {
    const seen = changeOf(decide(loaded(), given.observed(aRead(400))));
    const old = changeOf(decide(seen, given.announced({ action: 'Suspend', timeStamp: at(200) })));
    const outcome = decide(old, given.observed(aRead(410, suspended), 'webhook'));
    expect(eventOf(outcome, 'suspended')['cause']).toEqual({ source: 'observed' });
  });

  it('an explanation that comes later adds the dates, once', () => {
    const observed = changeOf(decide(loaded(), given.observed(aRead(40, suspended))));
    const announced = given.announced({ action: 'Suspend', timeStamp: at(35) });
    const outcome = decide(observed, announced);
    expect(eventOf(outcome, 'updated')).toMatchObject({
      effectiveAt: at(35),
      graceEndsAt: '2026-01-31T12:00:35.000Z',
      cause: { source: 'webhook', operationId: given.operationId },
    });
    expect(decide(changeOf(outcome), announced).kind).toBe('ignored');
    expect(
      emitted(decide(changeOf(outcome), given.settled({ action: 'Suspend', timeStamp: at(35), settled: 'Invisible', read: null }))),
    ).toEqual([]);
  });

  it('a term that was only told more fully is no renewal: its operation explains nothing before the new term is read, and then that', () => {
    const told = { termUnit: 'P1M', startDate: '2026-01-01', endDate: '2026-01-31', chargeDuration: 'P1M' };
    const fuller = decide(loaded(), given.observed(aRead(20, { term: told })));
    expect(emitted(fuller)).toEqual(['updated']);
    const renew = given.verified({ action: 'Renew', operationStatus: 'Succeeded', operationDate: at(25), read: aRead(25, { term: told }) });
    const verified = decide(changeOf(fuller), renew);
    expect(emitted(verified)).toEqual(['operation-decided']);
    const begun = { ...told, startDate: '2026-02-01', endDate: '2026-02-28' };
    const renewed = decide(changeOf(verified), given.observed(aRead(30, { term: begun })));
    expect(emitted(renewed)).toEqual(['renewed']);
    expect(eventOf(renewed, 'renewed')).toMatchObject({ effectiveAt: at(18), cause: { operationId: given.operationId } });
  });

  it('a renewal of which a read told more since is still explained by its operation', () => {
    const begun = { termUnit: 'P1M', startDate: '2026-02-01', endDate: '2026-02-28' };
    const renewed = decide(loaded(), given.observed(aRead(20, { term: begun })));
    const { order, closes } = orders(renewed)[0]!;
    const fuller = decide(changeOf(renewed), given.ordered(aRead(200, { term: { ...begun, chargeDuration: 'P1M' } }), { order, closes }));
    expect([emitted(renewed), emitted(fuller)]).toEqual([['renewed'], ['updated']]);
    const explained = decide(changeOf(fuller), given.announced({ action: 'Renew' }));
    expect(emitted(explained)).toEqual(['updated']);
    expect(eventOf(explained, 'updated')).toMatchObject({ effectiveAt: at(18), cause: { operationId: given.operationId } });
  });

  it('a renewal that was read before its operation is told of gets its date', () => {
    const read = changeOf(decide(loaded(), given.observed(aRead(40, { term: { startDate: '2026-02-01', endDate: '2026-02-28' } }))));
    const outcome = decide(read, given.verified({ action: 'Renew', operationStatus: 'Succeeded', timeStamp: at(35), read: null }));
    expect(eventOf(outcome, 'updated')).toMatchObject({ effectiveAt: at(35) });
    expect(given.orders(outcome)).toEqual([]);
  });

  it.each([
    ['at once', 95],
    ['when it is long over', 2_000],
  ])('a newer Suspend on a suspended record, learnt of %s, is a new episode: the dates move', (_, second) => {
    const first = changeOf(
      decide(loaded(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', read: aRead(20, suspended) })),
    );
    const again = { action: 'Suspend', operationId: other, timeStamp: at(90), operationDate: at(second) };
    const outcome = decide(first, given.verified({ ...again, operationStatus: 'Succeeded', read: aRead(second, suspended) }));
    expect(eventOf(outcome, 'updated')).toMatchObject({ effectiveAt: at(90), graceEndsAt: '2026-01-31T12:01:30.000Z' });
  });

  it('so are the dates of one that Microsoft never shows, when its last read shows Suspended', () => {
    const first = changeOf(
      decide(loaded(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', read: aRead(20, suspended) })),
    );
    const again = { action: 'Suspend', operationId: other, timeStamp: at(90) };
    const announced = changeOf(decide(first, given.announced(again)));
    const invisible = decide(announced, given.settled({ ...again, settled: 'Invisible', seenOpenAt: null, read: aRead(250, suspended) }));
    const [order] = given.orders(invisible);
    expect(order).toMatchObject({ afterMs: 0, members: ['status'] });
    const closing = decide(changeOf(invisible), given.ordered(aRead(251, suspended), order!));
    expect(eventOf(closing, 'updated')).toMatchObject({ effectiveAt: at(90) });
  });
});

describe('rule 2: a record that comes to stand on a newer operation is shut as by a change', () => {
  const first = () => decide(loaded(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', read: aRead(20, suspended) }));
  const again = { action: 'Suspend', operationStatus: 'Succeeded', operationId: other, timeStamp: at(300) } as const;

  it('no old copy from between two suspensions gives access back', () => {
    const opened = changeOf(decide(changeOf(first()), given.ordered(aRead(180, suspended), orders(first())[0]!)));
    const outcome = decide(opened, given.verified({ ...again, operationDate: at(302), read: aRead(302, suspended) }));
    expect(eventOf(outcome, 'updated')).toMatchObject({ effectiveAt: at(300) });
    const stale = [303, 308, 313].reduce((before, second) => changeOf(decide(before, given.observed(aRead(second)))), changeOf(outcome));
    expect(stale.subscription.status).toBe('Suspended');
    const closed = changeOf(decide(stale, given.ordered(aRead(460), orders(outcome)[0]!)));
    const agreeing = changeOf(decide(closed, given.observed(aRead(465)))); // from here on as for every echo
    expect(emitted(decide(agreeing, given.observed(aRead(470))))).toEqual(['reinstated']);
  });

  it('one that only explains what a read has set is shut no longer for that', () => {
    const observed = decide(loaded(), given.observed(aRead(40, suspended)));
    const explained = decide(changeOf(observed), given.announced({ action: 'Suspend', timeStamp: at(35) }));
    expect([emitted(explained), orders(explained)]).toEqual([['updated'], []]);
  });
});

describe('the end', () => {
  it('that Microsoft caused is dated, and customers’ data is kept from then on', () => {
    const read = aRead(20, { status: 'Unsubscribed' });
    const outcome = decide(loaded(), given.verified({ action: 'Unsubscribe', operationStatus: 'Succeeded', read }));
    expect(eventOf(outcome, 'unsubscribed')).toMatchObject({ effectiveAt: at(18), retainedUntil: '2026-01-31T12:00:18.000Z' });
  });

  it('that only happened to be shown by an old operation is not: no data may be purged too early for that', () => {
    const read = aRead(20, { status: 'Unsubscribed' });
    const outcome = decide(
      loaded(),
      given.verified({ action: 'ChangePlan', planId: 'silver', timeStamp: at(-9_000_000), operationStatus: 'Failed', read }),
    );
    expect(eventOf(outcome, 'unsubscribed')).toMatchObject({ effectiveAt: null, retainedUntil: '2026-01-31T12:00:20.000Z' });
  });
});
