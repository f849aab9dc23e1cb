import { eventually } from '../eventually';
import type { OtherSystem } from './other.system';
import { cases, dimension, type Case, type Settling } from './settling';

const lost = ['listed', 'undecided', 'given up'] as const;
const differing = ['missing', 'mismatch', 'rejected', 'unexpected'] as const;

/** What an hour is settled with in the end, in units and so in cents. */
const due: Readonly<Record<Case, number>> = {
  ...{ listed: 300, undecided: 140, 'given up': 30 },
  ...{ missing: 40, mismatch: 50, rejected: 60, unexpected: 20 },
  ...{ confirmed: 200_000, 'written off': 0 },
};

/** Two hours are anomalies: an operator confirms one, and writes off the other. Others are accepted, and another system reports beside us. */
export async function decideWhatIsHeld(day: Settling, others: OtherSystem): Promise<void> {
  await day.passTo('00:20');
  await day.used({ missing: '40', mismatch: '50', rejected: '60', unexpected: '20', confirmed: '200000', 'written off': '300000' });
  const at = await day.microsoft.now();
  await others.report({ subscriptionId: day.id('unexpected'), dimension: 'texts', planId: 'instant', quantity: 5, at });
  await day.passTo('01:20');
  const held = (quantity: string) => ({ '00:00': { quantity, reason: 'anomaly' } });
  await eventually(async () => expect(await day.hoursIn('held', 'confirmed')).toEqual(held('200000')));
  await eventually(async () => expect(await day.hoursIn('held', 'written off')).toEqual(held('300000')));
  await day.act('confirmed', '00:00', 'confirmation');
  await day.act('written off', '00:00', 'write-off');
  for (const one of [...differing, 'confirmed'] as const) await untilIn(day, 'accepted', one, ['00:00']);
}

/** Microsoft answers nothing of two hours: of the first one nothing has reached it, and all of the second. Both are uncertain. */
export async function loseAllAnswers(day: Settling): Promise<void> {
  const endOfFirst = await day.losing(false);
  await day.used({ listed: '200', undecided: '70', 'given up': '30' });
  await day.passTo('02:20');
  await day.areUnanswered(lost);
  await day.passTo('23:20');
  await day.used({ listed: '100', undecided: '70', 'given up': '30' });
  await day.passTo('00:20', 1);
  for (const one of lost) await untilIn(day, 'uncertain', one, ['01:00']);
  const endOfSecond = await day.losing(true);
  await endOfFirst();
  for (const one of lost) await eventually(async () => expect(await day.microsoft.recorded(day.id(one))).toBe(1));
  await day.passTo('22:20', 1);
  for (const one of lost) await untilIn(day, 'uncertain', one, ['01:00', '23:00']);
  await endOfSecond();
}

/** Days later Microsoft's list decides what its sum and count explain, and differs from our sums where it forgets, alters or adds. */
export async function findByTheList(day: Settling): Promise<void> {
  await day.microsoft.reconcile(day.id('missing'), day.day, 'Missing');
  await day.microsoft.reconcile(day.id('mismatch'), day.day, 'Mismatch');
  await day.microsoft.reconcile(day.id('rejected'), day.day, 'Rejected');
  await day.passTo('03:10', 5);
  const units = { missing: '40', mismatch: '25', rejected: '60', unexpected: '5' };
  for (const kind of differing) {
    const found = [expect.objectContaining({ kind, state: 'open', quantity: units[kind] })];
    await eventually(async () => expect(await day.differencesOf(kind)).toEqual(found));
    expect(await day.open(kind)).toBe(1);
  }
  await eventually(async () => expect(await day.hoursIn('accepted', 'listed')).toMatchObject({ '23:00': { quantity: '100' } }));
  expect(await day.hoursIn('carried', 'listed')).toEqual({ '01:00': { quantity: '200', reason: null } });
  const undecided = (quantity: string) => ({
    '01:00': { quantity, reason: 'undecided' },
    '23:00': { quantity, reason: 'undecided' },
  });
  await eventually(async () => expect(await day.hoursIn('uncertain', 'undecided')).toEqual(undecided('70')));
  await eventually(async () => expect(await day.hoursIn('uncertain', 'given up')).toEqual(undecided('30')));
}

/** An operator says what Microsoft has, and explains what no list will mend; Microsoft mends the rest. */
export async function decideTheRest(day: Settling): Promise<void> {
  await day.act('undecided', '23:00', 'acceptance', '70');
  await day.act('undecided', '01:00', 'carry');
  await day.act('given up', '23:00', 'acceptance', '30');
  await day.act('given up', '01:00', 'write-off');
  await day.dismiss('missing');
  await day.dismiss('unexpected');
  await day.microsoft.reconcile(day.id('mismatch'), day.day, 'Accepted');
  await day.microsoft.reconcile(day.id('rejected'), day.day, 'Accepted');
  await day.passTo('03:10', 6);
  const settled = { missing: 'dismissed', mismatch: 'over', rejected: 'over', unexpected: 'dismissed' };
  for (const kind of differing) {
    await eventually(async () => expect(await day.differencesOf(kind)).toMatchObject([{ kind, state: settled[kind] }]));
    expect(await day.open(kind)).toBe(0);
  }
}

/** Microsoft's invoice, our sums and Microsoft's list, but for what it has forgotten. */
export async function expectThatAllAgree(day: Settling, others: OtherSystem): Promise<void> {
  for (const one of cases) {
    await eventually(async () => expect({ one, cents: await day.invoiced(one) }).toEqual({ one, cents: due[one] }));
    await eventually(async () => expect({ one, units: await day.accepted(one) }).toEqual({ one, units: due[one] }));
    expect({ held: await day.hoursIn('held', one), uncertain: await day.hoursIn('uncertain', one) }).toEqual({ held: {}, uncertain: {} });
  }
  const listed = await others.listed(day.day);
  const shown = cases.map((one) => [one, listed[`${day.id(one)} ${dimension}`] ?? 0] as const);
  expect(Object.fromEntries(shown)).toEqual({ ...due, missing: 0 });
}

function untilIn(day: Settling, state: string, of: Case, hours: readonly string[]): Promise<void> {
  return eventually(async () => expect(Object.keys(await day.hoursIn(state, of))).toEqual(hours));
}
