import { fact, rates, Scene } from '../testing/ledger.scene';
import { pastTheirDeadlines, withHour } from './ledger.domain';
import { microsOf } from './micros';
import { imbalancesOf, sumsOf } from './sums.domain';

const june = { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' };
const shownAt = Date.parse('2026-06-06T03:10:00Z');

/** Microsoft's list as it is read at the renewal. */
function renewed(scene: Scene, included: Record<string, string>): Scene {
  scene.learns(fact(2, '2026-06-06T00:00:00Z', { term: june }));
  scene.ledger = { ...scene.ledger, rates: { silver: { ...rates, included: { P1M: included }, shownAt } } };
  return scene;
}
const mapped = (scene: Scene, tiers: Scene['ledger']['meters'][string][number]['tiers']) => {
  scene.ledger = { ...scene.ledger, meters: { silver: [{ meter: 'emails', tiers }] } };
};

describe('what a term includes', () => {
  it.each([
    ['less', { email: '500' }, ['06-06T10 silver email 100']],
    ['nothing, since the dimension is left out', {}, []],
    ['more', { email: '5000' }, []],
  ])('stays what it was when the next one includes %s', (_what, included, sent) => {
    const scene = renewed(new Scene().used('2026-05-10T10:20:00Z', 1_000), included).used('2026-06-06T10:20:00Z', 600);
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T12:00:00Z')).toEqual(
      Object.keys(included).length > 0 ? sent : ['06-06T10 silver email 600'],
    );
    expect(sumsOf(scene.ledger)).toMatchObject([{ term: '2026-05-06', included: 1_000_000_000n, due: 0n, credit: 0n }, {}]);
  });

  it('is known as soon as a list is read, also after its end', () => {
    const scene = new Scene({ rates: {} }).used('2026-05-10T10:20:00Z', 1_200);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T12:00:00Z')).toEqual([]);
    expect(renewed(scene, { email: '1000' }).used('2026-06-06T10:20:00Z', 10).accepted('2026-06-06T11:15:00Z')).toEqual([
      '06-06T10 silver email 200',
    ]);
  });
});

describe('a meter that the catalog maps otherwise, after units of it were reported', () => {
  const charged = () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1_300);
    expect(scene.run('2026-05-10T10:00:00Z', '2026-05-10T12:00:00Z')).toEqual(['05-10T10 silver email 300']);
    return scene;
  };

  it.each([
    ['another dimension', [{ dimension: 'mail', upTo: null }]],
    [
      'a further tier',
      [
        { dimension: 'email-first', upTo: microsOf('1100') },
        { dimension: 'email-next', upTo: null },
      ],
    ],
  ])('to %s: what was charged is never due again, and the term goes on as it began', (_what, tiers) => {
    const scene = charged();
    mapped(scene, tiers);
    scene.used('2026-05-11T10:20:00Z', 10);
    expect(scene.run('2026-05-11T10:00:00Z', '2026-05-11T12:00:00Z')).toEqual(['05-11T10 silver email 10']);
    expect(imbalancesOf(scene.ledger)).toEqual([]);
  });

  it('is reported by it from the next term on', () => {
    const scene = charged();
    mapped(scene, [{ dimension: 'mail', upTo: null }]);
    renewed(scene, { mail: '100' }).used('2026-06-06T10:20:00Z', 110);
    expect(scene.run('2026-06-06T10:00:00Z', '2026-06-06T12:00:00Z')).toEqual(['06-06T10 silver mail 10']);
  });

  it('is reported by it at once where nothing was reported in the term', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 900);
    mapped(scene, [{ dimension: 'email-first', upTo: null }]);
    scene.used('2026-05-10T10:30:00Z', 1);
    expect(scene.accepted('2026-05-10T11:15:00Z')).toEqual(['05-10T10 silver email-first 900']); // 0 of them are included, and a unit is a fraction of a cent
  });
});

describe('what is due of a plan that holds no longer, and that no hour of it can take any more', () => {
  it('is written off: usage that came late', () => {
    const scene = new Scene().used('2026-05-10T10:20:00Z', 1_000);
    scene.learns(fact(2, '2026-05-12T10:20:00Z', { planId: 'gold' }));
    scene.run('2026-05-11T10:00:00Z', '2026-05-14T12:00:00Z');
    scene.used('2026-05-10T10:25:00Z', 3_000);
    expect(scene.run('2026-05-14T12:00:00Z', '2026-05-14T14:00:00Z')).toEqual([]);
    expect(scene.ledger.writeOffs).toMatchObject([{ planId: 'silver', quantity: 3_000_000_000n, reason: 'plan-ended' }]);
  });

  it('is written off: a plan that owned no hour', () => {
    const nothing = { ...rates, included: { P1M: {} } };
    const scene = new Scene({ rates: { silver: rates, gold: nothing, bronze: rates } });
    scene.ledger = { ...scene.ledger, meters: { ...scene.ledger.meters, bronze: scene.ledger.meters['silver']! } };
    scene.learns(fact(2, '2026-05-10T10:10:00Z', { planId: 'gold' }), fact(3, '2026-05-10T10:50:00Z', { planId: 'bronze' }));
    scene.used('2026-05-10T10:20:00Z', 10);
    scene.run('2026-05-10T10:00:00Z', '2026-05-12T12:00:00Z');
    expect(scene.ledger.writeOffs).toMatchObject([{ planId: 'gold', quantity: 10_000_000n, reason: 'plan-ended' }]);
  });
});

it('ends an hour that Microsoft returned once its deadline has passed: its units went with a later one', () => {
  const scene = new Scene().used('2026-05-09T10:20:00Z', 1_300);
  const [hour] = scene.sealed('2026-05-09T11:15:00Z');
  scene.ledger = withHour(scene.ledger, { ...hour!, state: 'returned', notBefore: Date.parse('2026-05-09T12:15:00Z') });
  expect(pastTheirDeadlines(scene.ledger, hour!.deadline - 1)).toEqual([]);
  expect(pastTheirDeadlines(scene.ledger, hour!.deadline)).toMatchObject([{ state: 'carried', notBefore: null }]);
});
