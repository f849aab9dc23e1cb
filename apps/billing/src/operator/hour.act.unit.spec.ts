import { answered } from '../ledger/answer.domain';
import { isoOf } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { withHour } from '../ledger/ledger.domain';
import { decimalOf, microsOf } from '../ledger/micros';
import { ANOMALY } from '../ledger/anomaly.domain';
import { UNCERTAIN, UNDECIDED } from '../reconciliation/uncertain.domain';
import { fact, Scene, told } from '../testing/ledger.scene';
import { actedOn, type HourAct } from './hour.act.domain';

const strict = { factor: 2n, cents: 1n };
const sealedAt = '2026-05-10T11:20:00Z';

/** 1,300 used in an hour of which 300 are held as an anomaly. */
function held(): { scene: Scene; hour: BilledHour } {
  const scene = new Scene().used('2026-05-10T10:20:00Z', 1300);
  const [hour] = scene.sealed(sealedAt, strict);
  expect(hour).toMatchObject({ state: 'held', reason: ANOMALY, quantity: microsOf('300') });
  return { scene, hour: hour! };
}

function act(scene: Scene, hour: BilledHour, what: HourAct, at = '2026-05-10T12:00:00Z'): BilledHour {
  const acted = actedOn(scene.ledger, hour, what, Date.parse(at));
  if ('refusal' in acted) throw new Error(acted.refusal);
  scene.ledger = withHour(scene.ledger, acted.hour);
  return acted.hour;
}

it('never sends an anomaly that nobody has confirmed, not behind its deadline either', () => {
  const { scene } = held();
  expect(scene.run('2026-05-10T12:00:00Z', '2026-05-13T12:00:00Z')).toEqual([]);
});

it('sends a confirmed hour as it is before its deadline', () => {
  const { scene, hour } = held();
  expect(act(scene, hour, { kind: 'confirm' })).toEqual({ ...hour, state: 'waiting', reason: null, confirmed: hour.quantity });
});

describe('a confirmed hour that Microsoft takes only at another try', () => {
  const returned = () => {
    const { scene, hour } = held();
    const waiting = act(scene, hour, { kind: 'confirm' });
    const notActive = { status: 'ResourceNotActive', unanswered: 0 } as never;
    scene.ledger = withHour(scene.ledger, answered(waiting, notActive, Date.parse('2026-05-10T12:00:00Z')).hour);
    return scene;
  };

  it('stays confirmed', () => {
    const scene = returned();
    expect(scene.sealed('2026-05-10T13:20:00Z', strict)).toMatchObject([{ state: 'waiting', reason: null, quantity: microsOf('300') }]);
  });

  it('is held where much more was used in it since', () => {
    const scene = returned().used('2026-05-10T10:40:00Z', 900);
    expect(scene.sealed('2026-05-10T13:20:00Z', strict)).toMatchObject([{ state: 'held', reason: ANOMALY, quantity: microsOf('1200') }]);
  });
});

it('carries what is confirmed behind its deadline into a later hour, where it is no anomaly', () => {
  const { scene, hour } = held();
  expect(act(scene, hour, { kind: 'confirm' }, isoOf(hour.deadline))).toMatchObject({ state: 'carried' });
  scene.used('2026-05-11T10:30:00Z', 1);
  expect(scene.sealed('2026-05-11T11:20:00Z', strict).map(told)).toEqual(['05-11T10 silver email 300']); // 1 is less than a cent
});

it('takes off a confirmed hour what was corrected while it was held', () => {
  const { scene, hour } = held();
  scene.used('2026-05-10T11:30:00Z', -200);
  expect(decimalOf(act(scene, hour, { kind: 'confirm' }).quantity)).toBe('100');
  const other = held();
  other.scene.used('2026-05-10T11:30:00Z', -1000);
  expect(act(other.scene, other.hour, { kind: 'confirm' })).toMatchObject({ state: 'carried' });
  expect(other.scene.run('2026-05-10T12:00:00Z', '2026-05-12T12:00:00Z')).toEqual([]);
});

it('writes off no more than is still due, so that later usage is billed', () => {
  const { scene, hour } = held();
  scene.used('2026-05-10T11:30:00Z', -200);
  expect(act(scene, hour, { kind: 'write-off' })).toMatchObject({ state: 'written-off', quantity: microsOf('100'), reason: ANOMALY });
  scene.used('2026-05-10T12:30:00Z', 10);
  expect(scene.run('2026-05-10T12:00:00Z', '2026-05-10T14:00:00Z')).toEqual(['05-10T12 silver email 10']);
});

it('rates a confirmed hour anew where another plan turns out to have held', () => {
  const { scene, hour } = held();
  scene.learns(fact(2, '2026-05-10T09:00:00Z', { planId: 'gold' }));
  expect(act(scene, hour, { kind: 'confirm' })).toMatchObject({ state: 'returned', reason: null });
  expect(scene.sealed('2026-05-10T12:20:00Z')).toEqual([]); // gold includes it
});

it('confirms nothing while the subscription is suspended', () => {
  const { scene, hour } = held();
  scene.learns(fact(2, '2026-05-10T11:30:00Z', { status: 'Suspended' }));
  expect(actedOn(scene.ledger, hour, { kind: 'confirm' }, Date.parse(sealedAt))).toEqual({
    refusal: expect.stringContaining('suspended'),
  });
});

describe('an uncertain hour', () => {
  const uncertain = () => {
    const { scene, hour } = held();
    const unanswered: BilledHour = { ...hour, state: 'uncertain', reason: UNDECIDED };
    scene.ledger = withHour(scene.ledger, unanswered);
    return { scene, hour: unanswered };
  };

  it.each([
    ['300', '0'],
    ['120.5', '179.5'],
    ['400', '-100'],
  ])('is accepted with what Microsoft has: %s, and %s is due', (quantity, due) => {
    const { scene, hour } = uncertain();
    expect(act(scene, hour, { kind: 'accept', quantity: microsOf(quantity) })).toMatchObject({ state: 'accepted', reason: null });
    const [account] = scene.ledger.accounts;
    expect(decimalOf(microsOf('300') - account!.placed['email']!)).toBe(due);
  });

  it('is carried where Microsoft has nothing', () => {
    const { scene, hour } = uncertain();
    expect(act(scene, hour, { kind: 'carry' })).toMatchObject({ state: 'carried', reason: null });
    expect(scene.run('2026-05-10T11:00:00Z', '2026-05-10T13:00:00Z')).toEqual(['05-10T11 silver email 300']);
  });

  it('is written off, and nobody forgets that Microsoft may have it', () => {
    const { scene, hour } = uncertain();
    expect(act(scene, hour, { kind: 'write-off' })).toMatchObject({ state: 'written-off', quantity: microsOf('300'), reason: UNCERTAIN });
  });
});

it.each<[BilledHour['state'], HourAct['kind'][]]>([
  ['waiting', []],
  ['accepted', []],
  ['carried', []],
  ['returned', []],
  ['written-off', []],
  ['shadowed', []],
  ['held', ['confirm', 'write-off']],
  ['uncertain', ['write-off', 'accept', 'carry']],
])('an hour that is %s waits for: %j', (state, allowed) => {
  const { scene, hour } = held();
  const acts: HourAct[] = [{ kind: 'confirm' }, { kind: 'write-off' }, { kind: 'accept', quantity: 1n }, { kind: 'carry' }];
  const taken = acts.filter((one) => 'hour' in actedOn(scene.ledger, { ...hour, state }, one, Date.parse(sealedAt)));
  expect(taken.map(({ kind }) => kind)).toEqual(allowed);
});
