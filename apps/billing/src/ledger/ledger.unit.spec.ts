import { answered, decided } from './answer.domain';
import { HOUR_MS, isoOf } from './hours';
import { microsOf } from './micros';
import type { BilledHour } from './ledger';
import { withHour } from './ledger.domain';
import { sumsOf } from './sums.domain';
import { fact, Scene, told } from '../testing/ledger.scene';

const result = (differing: object) =>
  ({
    status: 'Accepted',
    unanswered: 0,
    usageEventId: null,
    stored: null,
    messageTime: null,
    code: null,
    reason: null,
    ...differing,
  }) as never;

describe('worked examples (included 1,000 a month, 0.003 each; yearly 12,000)', () => {
  it('600, then 700 used: 300 → 0.90', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 600).used('2026-05-10T11:20:00Z', 700);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T14:00:00Z')).toEqual(['05-10T11 silver email 300']);
  });

  it('1,501 over in an hour: send 1,500, carry 1', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 2501);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T14:00:00Z')).toEqual(['05-10T10 silver email 1500']);
    expect(sumsOf(scene.ledger)).toMatchObject([{ due: microsOf('1') }]);
  });

  it('4 over in each hour: 3.333334 sent (0.01), 0.666666 carried', () => {
    const scene = new Scene().used('2026-05-09T10:20:00Z', 1000).used('2026-05-10T10:20:00Z', 4).used('2026-05-10T11:20:00Z', 4);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T12:00:00Z')).toEqual(['05-10T10 silver email 3.333334']);
    expect(sumsOf(scene.ledger)).toMatchObject([{ due: microsOf('4.666666') }]);
    expect(scene.run('2026-05-10T11:00:00Z', '2026-05-10T13:00:00Z')).toEqual(['05-10T11 silver email 3.333334']);
  });

  it('9,900 used, an hour of 400, tiers to 10,000 at 0.003, then 0.002: 100 + 300 = 0.30 + 0.60', () => {
    const tiers = [
      { dimension: 'email-first', upTo: microsOf('10000') },
      { dimension: 'email-next', upTo: null },
    ];
    const scene = new Scene({ meters: { silver: [{ meter: 'emails', tiers }] } }).used('2026-05-09T10:20:00Z', 9900);
    scene.run('2026-05-09T10:00:00Z', '2026-05-09T14:00:00Z');
    scene.used('2026-05-10T10:20:00Z', 400);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T14:00:00Z')).toEqual([
      '05-10T10 silver email-first 100',
      '05-10T10 silver email-next 300',
    ]);
  });

  it('silver exhausted, → gold (10,000 included) at 14:20; 50 before, 80 after: hour 14: 50 under silver; 80 counted in hour 15 against gold’s 10,000: 0', () => {
    const scene = new Scene().used('2026-05-09T10:20:00Z', 1000).used('2026-05-10T14:05:00Z', 50).used('2026-05-10T14:40:00Z', 80);
    scene.learns(fact(2, '2026-05-10T14:20:00Z', { planId: 'gold' }));
    expect(scene.run('2026-05-10T14:00:00Z', '2026-05-11T18:00:00Z')).toEqual(['05-10T14 silver email 50']);
    expect(sumsOf(scene.ledger)).toContainEqual(expect.objectContaining({ planId: 'gold', included: microsOf('80'), due: 0n }));
    const billedIn = Date.parse('2026-05-10T15:00:00Z');
    expect(scene.ledger.buckets.flatMap(({ rated }) => rated)).toContainEqual(expect.objectContaining({ planId: 'gold', billedIn }));
  });

  it('yearly: 11 months × 1,000, then 2,000: 1,000 over in month 12 = 3.00', () => {
    const year = { termUnit: 'P1Y', startDate: '2026-01-01', endDate: '2026-12-31' };
    const scene = new Scene({ facts: [fact(1, '2026-01-01T00:00:00Z', { term: year })] });
    for (let month = 1; month <= 11; month += 1) scene.used(`2026-${String(month).padStart(2, '0')}-10T10:00:00Z`, 1000);
    expect(scene.run('2026-11-10T10:00:00Z', '2026-11-11T10:00:00Z')).toEqual([]);
    scene.used('2026-12-10T10:00:00Z', 2000);
    expect(scene.run('2026-12-10T10:00:00Z', '2026-12-10T14:00:00Z')).toEqual(['12-10T10 silver email 1000']);
  });

  it('renewal 6 June 00:00, Renew read 03:10, 200 an hour: 0', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1000);
    for (let hour = 0; hour < 4; hour += 1) scene.used(`2026-06-06T0${hour}:30:00Z`, 200);
    expect(scene.run('2026-06-05T22:00:00Z', '2026-06-06T03:00:00Z')).toEqual([]);
    scene.learns(fact(2, '2026-06-06T03:10:00Z', { term: { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' } }));
    expect(scene.run('2026-06-06T03:00:00Z', '2026-06-06T06:00:00Z')).toEqual([]);
    scene.used('2026-06-06T04:30:00Z', 203); // 3 over
    expect(sumsOf(scene.ledger)).toContainEqual(expect.objectContaining({ term: '2026-06-06', due: microsOf('3') }));
  });

  it('carry 4 over a renewal, then 10 used: 4 stay billable, the 10 are included', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1004);
    scene.learns(fact(2, '2026-06-06T00:00:00Z', { term: { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' } }));
    scene.used('2026-06-06T10:30:00Z', 10);
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T12:00:00Z')).toEqual(['06-06T10 silver email 3.333334']);
    expect(sumsOf(scene.ledger)).toMatchObject([{ due: microsOf('0.666666') }, { included: microsOf('10'), due: 0n }]);
  });

  it('1,200 used (200 sent), correction −300, next term 1,300 used: credit 200; 300 − 200 = 100 = 0.30', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1200);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T12:00:00Z')).toEqual(['05-10T10 silver email 200']);
    scene.used('2026-05-10T12:20:00Z', -300);
    expect(scene.run('2026-05-10T12:00:00Z', '2026-05-11T12:00:00Z')).toEqual([]);
    expect(sumsOf(scene.ledger)).toMatchObject([{ credit: microsOf('200') }]);
    scene.learns(fact(2, '2026-06-06T00:00:00Z', { term: { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' } }));
    scene.used('2026-06-06T10:30:00Z', 1300);
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T12:00:00Z')).toEqual(['06-06T10 silver email 100']);
  });

  it('Microsoft refused all calls for 30 h, 100 an hour over: the expired hours’ units are carried, no anomaly', () => {
    const scene = new Scene({ peaks: { emails: { '2026-05-08': microsOf('100') } } }).used('2026-05-09T10:20:00Z', 1000);
    const from = Date.parse('2026-05-10T00:00:00Z');
    for (let hour = 0; hour < 30; hour += 1) scene.used(isoOf(from + hour * HOUR_MS + 60_000), 100);
    const waiting: BilledHour[] = [];
    for (let hour = 1; hour <= 29; hour += 1) waiting.push(...scene.sealed(isoOf(from + hour * HOUR_MS + 20 * 60_000)));
    expect(waiting).toHaveLength(29);
    const end = from + 30 * HOUR_MS + 20 * 60_000;
    for (const hour of waiting) {
      const isExpired = hour.deadline < end;
      scene.ledger = withHour(scene.ledger, answered(hour, result({ status: isExpired ? 'unsent' : 'Accepted' }), end).hour);
    }
    const strict = { factor: 2n, cents: 1n };
    const expired = waiting.filter(({ deadline }) => deadline < end).length;
    const sealed = scene.sealed(isoOf(end), strict);
    expect(sealed.map(told)).toEqual([`05-11T05 silver email ${100 * (expired + 1)}`]);
    expect(sealed).toMatchObject([{ state: 'waiting', reason: null }]);
  });

  it('the same, but answers were lost after the work: uncertain, decided by usageEvents; never twice', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1300);
    const [hour] = scene.sealed('2026-05-10T11:20:00Z');
    scene.ledger = withHour(
      scene.ledger,
      answered(hour!, result({ status: null, unanswered: 5 }), Date.parse('2026-05-11T09:00:00Z')).hour,
    );
    expect(scene.run('2026-05-10T11:00:00Z', '2026-05-13T11:00:00Z')).toEqual([]);
    const uncertain = scene.ledger.hours[0]!;
    expect(uncertain.state).toBe('uncertain');
    const kept = new Scene({ ...scene.ledger });
    kept.ledger = withHour(scene.ledger, decided(uncertain, microsOf('300')).hour);
    expect(kept.run('2026-05-13T11:00:00Z', '2026-05-14T11:00:00Z')).toEqual([]);
    scene.ledger = withHour(scene.ledger, decided(uncertain, null).hour);
    expect(scene.run('2026-05-13T11:00:00Z', '2026-05-13T13:00:00Z')).toEqual(['05-13T11 silver email 300']);
  });

  it('the product was away 30 h: each of the 23 hours that are still open under its own hour, the rest in the present one', () => {
    const scene = new Scene().used('2026-05-09T10:20:00Z', 1000);
    const from = Date.parse('2026-05-10T00:00:00Z');
    for (let hour = 0; hour < 30; hour += 1) scene.used(isoOf(from + hour * HOUR_MS + 60_000), 100);
    const sent = scene.accepted(isoOf(from + 30 * HOUR_MS + 20 * 60_000));
    expect(sent).toHaveLength(22); // the 23rd hour runs, and is not over
    expect(sent[0]).toBe('05-10T08 silver email 100');
    expect(sent.at(-1)).toBe('05-11T05 silver email 900');
  });

  it('suspended for 3 days; 40 used before it, 500 during it: 40 carried; 500 not reportable', () => {
    const scene = new Scene().used('2026-05-09T10:20:00Z', 1000).used('2026-05-10T10:20:00Z', 40);
    scene.learns(fact(2, '2026-05-10T10:50:00Z', { status: 'Suspended' })).used('2026-05-11T10:20:00Z', 500);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-13T10:00:00Z')).toEqual([]);
    scene.learns(fact(3, '2026-05-13T10:55:00Z'));
    expect(scene.run('2026-05-13T10:00:00Z', '2026-05-13T13:00:00Z')).toEqual(['05-13T10 silver email 40']);
    expect(scene.ledger.buckets.flatMap(({ rated }) => rated)).toContainEqual(
      expect.objectContaining({ kind: 'not-reportable', reason: 'suspended', quantity: microsOf('500') }),
    );
  });

  it('cancelled 10:20; used 9:50: 30, 10:05: 40, both reported 10:30: both hours sent, under 09:00Z and 10:00Z, at 16:20', () => {
    const scene = new Scene().used('2026-05-09T10:20:00Z', 1000);
    scene.learns(fact(2, '2026-05-10T10:20:00Z', { status: 'Unsubscribed' }));
    scene.used('2026-05-10T09:50:00Z', 30).used('2026-05-10T10:05:00Z', 40);
    expect(scene.sealed('2026-05-10T16:19:59Z')).toEqual([]);
    expect(scene.accepted('2026-05-10T16:20:00Z')).toEqual(['05-10T09 silver email 30', '05-10T10 silver email 40']);
  });

  it('hours of two terms at once: each hour’s units belong to the term in which they were used', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1000);
    scene.learns(fact(2, '2026-06-06T00:00:00Z', { term: { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' } }));
    scene.used('2026-06-05T22:30:00Z', 100).used('2026-06-05T23:30:00Z', 100).used('2026-06-06T00:30:00Z', 1100);
    expect(scene.accepted('2026-06-06T01:20:00Z')).toEqual([
      '06-05T22 silver email 100',
      '06-05T23 silver email 100',
      '06-06T00 silver email 100',
    ]);
    expect(sumsOf(scene.ledger)).toMatchObject([
      { term: '2026-05-06', placed: { accepted: microsOf('200') }, due: 0n, credit: 0n },
      { term: '2026-06-06', placed: { accepted: microsOf('100') }, due: 0n, credit: 0n },
    ]);
  });
});
