import { fact, Scene } from '../testing/ledger.scene';
import { HOUR_MS } from './hours';
import { changeOfMode, isShadow, modesOf, readMode } from './mode.domain';
import { imbalancesOf, sumsOf } from './sums.domain';

const at = (hour: number) => Date.parse('2026-06-01T00:00:00Z') + hour * HOUR_MS;

describe('BILLING_MODE', () => {
  it.each([
    ['live', { others: 'live', byPublisher: {} }],
    ['shadow, contoso=live', { others: 'shadow', byPublisher: { contoso: 'live' } }],
    ['contoso=shadow,fabrikam=live,live', { others: 'live', byPublisher: { contoso: 'shadow', fabrikam: 'live' } }],
  ])('%s is read', (text, read) => expect(readMode(text)).toEqual(read));

  it.each(['', 'on', 'live,shadow', 'contoso=live', 'live,contoso=shadow,contoso=live', 'live,contoso = shadow'])('%j is none', (text) =>
    expect(readMode(text)).toBeNull(),
  );

  it('holds for all time when it is set first, then from the next full hour on, and does not change what was', () => {
    const first = changeOfMode([], 'shadow', at(5.5))!;
    expect(changeOfMode([first], 'shadow', at(9))).toBeNull();
    const second = changeOfMode([first], 'live', at(9.99))!;
    expect(second.from).toBe(at(10));
    const modes = modesOf([first, second], 'contoso');
    expect([0, 9, 10, 11].map((hour) => isShadow(modes, at(hour)))).toEqual([true, true, false, false]);
  });

  it('is the one that was set last, also by a copy whose clock is behind at the edge of an hour', () => {
    const kept = [changeOfMode([], 'shadow', at(5.5))!, { from: at(11), setting: 'live' }];
    expect(changeOfMode(kept, 'shadow', at(9.99))).toEqual({ from: at(11), setting: 'shadow' });
  });
});

describe('in shadow (included 1,000 a month, 0.003 each)', () => {
  const [shadow, live] = ['shadow', 'live'] as const;
  const liveFrom = (iso: string) => [
    { from: 0, mode: shadow },
    { from: Date.parse(iso), mode: live },
  ];
  const day = (time: string) => `2026-05-10T${time}Z`;

  it('nothing is reported: what would have been is shown', () => {
    const scene = new Scene({ modes: [{ from: 0, mode: shadow }] }).used(day('10:10:00'), 1_300);
    expect(scene.sealed(day('11:15:00'))).toMatchObject([{ state: 'shadowed', quantity: 300_000_000n }]);
    expect(scene.sealed(day('12:15:00'))).toEqual([]);
    expect(sumsOf(scene.ledger)).toMatchObject([{ net: 1_300_000_000n, placed: { shadowed: 300_000_000n }, due: 0n, credit: 0n }]);
  });

  it('live begins with a full hour: what was used before it counts against what is included, and is never reported', () => {
    const scene = new Scene({ modes: liveFrom(day('12:00:00')) }).used(day('11:10:00'), 1_300).used(day('12:10:00'), 50);
    expect(scene.run(day('10:00:00'), day('13:20:00'))).toEqual(['05-10T12 silver email 50']);
    expect(scene.ledger.hours).toMatchObject([{ state: 'shadowed', quantity: 300_000_000n }, { state: 'accepted' }]);
  });

  it('what was used in shadow and comes later is never reported, but leaves less of what is included', () => {
    const scene = new Scene({ modes: liveFrom(day('12:00:00')) }).used(day('11:10:00'), 900).used(day('12:10:00'), 200);
    expect(scene.run(day('12:00:00'), day('13:20:00'))).toEqual(['05-10T12 silver email 100']);
    scene.used(day('11:40:00'), 50);
    expect(scene.run(day('13:30:00'), day('14:20:00'))).toEqual(['05-10T13 silver email 50']);
    scene.used(day('11:50:00'), 500);
    expect(scene.run(day('14:30:00'), day('15:20:00'))).toEqual(['05-10T14 silver email 50']);
    expect(imbalancesOf(scene.ledger)).toEqual([]);
  });

  describe('that begins and ends within a term: what is included is used up by what was used first', () => {
    const modes = [
      { from: 0, mode: live },
      { from: Date.parse(day('11:00:00')), mode: shadow },
      { from: Date.parse(day('13:00:00')), mode: live },
    ];
    const [before, after] = [day('10:00:00'), day('14:20:00')];

    it('units of shadow are not charged, and neither are included ones that were used before them', () => {
      const scene = new Scene({ modes }).used(day('10:10:00'), 900).used(day('11:10:00'), 500).used(day('13:10:00'), 200);
      expect(scene.run(before, after)).toEqual(['05-10T13 silver email 200']);
      expect(scene.ledger.hours).toMatchObject([{ state: 'shadowed', quantity: 400_000_000n }, { state: 'accepted' }]);
      expect(sumsOf(scene.ledger)).toMatchObject([{ placed: { shadowed: 400_000_000n, accepted: 200_000_000n }, due: 0n, credit: 0n }]);
    });

    it('late usage of the first live hours leaves less of what is included to shadow, and is charged by what it is beyond it', () => {
      const scene = new Scene({ modes }).used(day('10:10:00'), 900).used(day('11:10:00'), 300).used(day('13:10:00'), 50);
      expect(scene.run(before, after)).toEqual(['05-10T13 silver email 50']);
      scene.used(day('10:40:00'), 150);
      expect(scene.run(after, day('15:20:00'))).toEqual(['05-10T10 silver email 50']);
      expect(sumsOf(scene.ledger)).toMatchObject([{ placed: { shadowed: 300_000_000n, accepted: 100_000_000n }, due: 0n }]);
    });

    it('corrections in shadow that exceed what was used there make nothing due', () => {
      const scene = new Scene({ modes }).used(day('10:10:00'), 1_500);
      expect(scene.run(before, day('11:20:00'))).toEqual(['05-10T10 silver email 500']);
      scene.used(day('11:10:00'), -600).used(day('13:10:00'), 200);
      expect(scene.run(day('11:30:00'), after)).toEqual([]);
      expect(sumsOf(scene.ledger)).toMatchObject([{ due: 0n, credit: 400_000_000n }]);
    });

    it('what is used under a new plan in the last live hour joins the next one, and is shown there as shadowed', () => {
      const facts = [fact(1, '2026-05-06T09:00:00Z'), fact(2, day('10:30:00'), { planId: 'gold' })];
      const scene = new Scene({ modes, facts }).used(day('10:40:00'), 10_300).used(day('13:10:00'), 20);
      expect(scene.run(before, after)).toEqual(['05-10T13 gold email 20']);
      expect(scene.ledger.hours).toMatchObject([
        { state: 'shadowed', hour: Date.parse(day('11:00:00')), planId: 'gold', quantity: 300_000_000n },
        { state: 'accepted' },
      ]);
    });
  });

  it('fractions of a cent that were left in shadow are not charged after it', () => {
    const scene = new Scene({ modes: liveFrom(day('12:00:00')) }).used(day('11:10:00'), 1_002).used(day('12:10:00'), 2);
    expect(scene.run(day('10:00:00'), day('14:20:00'))).toEqual([]);
  });

  it('an anomaly is not held, but says that it would be', () => {
    const scene = new Scene({ modes: [{ from: 0, mode: shadow }], facts: [fact(1, '2026-05-06T09:00:00Z')] }).used(day('10:10:00'), 90_000);
    expect(scene.sealed(day('11:15:00'), { factor: 2n, cents: 100n })).toMatchObject([{ state: 'shadowed', reason: 'anomaly' }]);
  });
});
