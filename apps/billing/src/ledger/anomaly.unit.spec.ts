import { Scene } from '../testing/ledger.scene';
import { withHour } from './ledger.domain';
import { microsOf } from './micros';

/** 5,000 used in one hour, 4,000 of them billable: 12.00. */
const sealedWith = (peaks: Record<string, string>, cents: bigint) => {
  const known = Object.fromEntries(Object.entries(peaks).map(([day, peak]) => [day, microsOf(peak)]));
  const scene = new Scene({ peaks: { emails: known } }).used('2026-05-10T10:20:00Z', 5_000);
  return scene.sealed('2026-05-10T11:15:00Z', { factor: 2n, cents });
};
const held = [{ state: 'held', reason: 'anomaly' }];
const waiting = [{ state: 'waiting', reason: null }];

it.each<[string, Record<string, string>, bigint, object[]]>([
  ['more than the factor times the most before, and over the amount', { '2026-05-08': '10', '2026-05-09': '2499' }, 1_199n, held],
  ['the factor times the most before', { '2026-05-08': '2500', '2026-05-09': '10' }, 1_199n, waiting],
  ['no more than the amount, whatever was used before', { '2026-05-09': '1' }, 1_200n, waiting],
  ['over the amount without a history', {}, 1_199n, held],
  ['over the amount where only the same day has a history, which may be of the same fault', { '2026-05-10': '5000' }, 1_199n, held],
])('an hour of use that is %s', (_what, peaks, cents, expected) => expect(sealedWith(peaks, cents)).toMatchObject(expected));

const strict = { factor: 2n, cents: 1_000n };
const day = (time: string) => `2026-05-10T${time}Z`;

it('stays held in a scene that accepts what was sent', () => {
  const scene = new Scene().used(day('10:20:00'), 5_000);
  expect(scene.accepted(day('11:15:00'), strict)).toEqual([]);
  expect(scene.ledger.hours).toMatchObject(held);
});

describe('late usage of an hour that is sealed already', () => {
  /** 10 a day are usual, and 10 were sent of the hour before the rest of it came; all are billable. */
  const lateBy = (quantity: number) => {
    const peaks = { emails: { '2026-05-09': microsOf('10') } };
    const scene = new Scene({ peaks }).used('2026-05-09T10:20:00Z', 1_000).used(day('10:20:00'), 10);
    expect(scene.accepted(day('11:15:00'), strict)).toEqual(['05-10T10 silver email 10']);
    return scene.used(day('10:40:00'), quantity);
  };

  it('is held in the hour that would carry it, where its own hour has become anomalous', () => {
    const scene = lateBy(10_000_000);
    expect(scene.sealed(day('12:15:00'), strict)).toMatchObject([{ hour: Date.parse(day('11:00:00')), ...held[0] }]);
    expect(scene.run(day('12:00:00'), '2026-05-13T12:00:00Z', strict)).toEqual([]);
  });

  it('is held however small the parts are in which it comes', () => {
    const scene = lateBy(3_000);
    expect(scene.accepted(day('12:15:00'), strict)).toEqual(['05-10T11 silver email 3000']); // 9.03 in its hour
    scene.used(day('10:41:00'), 3_000);
    expect(scene.sealed(day('13:15:00'), strict)).toMatchObject(held); // 18.03
  });

  it('is sent where its hour remains usual', () => {
    expect(lateBy(3_000).accepted(day('12:15:00'), strict)).toEqual(['05-10T11 silver email 3000']);
    expect(lateBy(10).accepted(day('12:15:00'), { factor: 2n, cents: 0n })).toEqual(['05-10T11 silver email 10']);
  });

  it('is held where the hour is too old for an event of its own', () => {
    const scene = new Scene({ peaks: { emails: { '2026-05-09': microsOf('10') } } }).used('2026-05-09T10:20:00Z', 1_000);
    scene.used(day('10:20:00'), 5_000);
    expect(scene.sealed('2026-05-11T10:15:00Z', strict)).toMatchObject([{ hour: Date.parse('2026-05-11T09:00:00Z'), ...held[0] }]);
  });

  it.each(['waiting', 'carried'] as const)('is held once: confirmed, and %s, it is no anomaly any more', (state) => {
    const scene = lateBy(10_000_000);
    const [hour] = scene.sealed(day('12:15:00'), strict);
    scene.ledger = withHour(scene.ledger, { ...hour!, state, reason: null });
    scene.used(day('12:20:00'), 20);
    const sealed = scene.sealed(day('13:15:00'), strict);
    expect(sealed).toMatchObject([{ quantity: microsOf(state === 'waiting' ? '20' : '10000020'), ...waiting[0] }]);
  });

  it('is held whatever else a later hour carried', () => {
    const scene = new Scene({ peaks: { emails: { '2026-05-09': microsOf('10') } } }).used('2026-05-09T10:20:00Z', 1_000);
    scene.used(day('07:20:00'), 3_000).used(day('08:20:00'), 3_000).used(day('10:20:00'), 10);
    const [first, second] = scene.sealed(day('11:15:00'), strict);
    for (const hour of [first!, second!]) scene.ledger = withHour(scene.ledger, { ...hour, state: 'carried' }); // Microsoft took none
    expect(scene.accepted(day('12:15:00'), strict)).toEqual(['05-10T11 silver email 6000']);
    scene.used(day('10:40:00'), 3_400);
    expect(scene.sealed(day('13:15:00'), strict)).toMatchObject([{ quantity: microsOf('3400'), ...held[0] }]);
  });

  it('is held whatever was used in shadow since', () => {
    const modes = [0, Date.parse(day('11:00:00')), Date.parse(day('12:00:00'))].map((from, place) => ({
      ...{ from, mode: place === 1 ? ('shadow' as const) : ('live' as const) },
    }));
    const scene = new Scene({ modes, peaks: { emails: { '2026-05-09': microsOf('10') } } }).used('2026-05-09T10:20:00Z', 1_000);
    scene.used(day('10:20:00'), 10).used(day('11:20:00'), 5_000);
    expect(scene.run(day('10:00:00'), day('12:20:00'), strict)).toEqual(['05-10T10 silver email 10']);
    scene.used(day('10:40:00'), 3_400);
    expect(scene.sealed(day('13:15:00'), strict)).toMatchObject([{ quantity: microsOf('3400'), ...held[0] }]);
  });

  it('is no anomaly of the next hours once it was written off', () => {
    const scene = lateBy(10_000_000);
    const [hour] = scene.sealed(day('12:15:00'), strict);
    scene.ledger = withHour(scene.ledger, { ...hour!, state: 'written-off' });
    scene.used(day('11:20:00'), 10).used(day('12:20:00'), 10);
    expect(scene.accepted(day('13:15:00'), strict)).toEqual(['05-10T12 silver email 20']);
  });
});
