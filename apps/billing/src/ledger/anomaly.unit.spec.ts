import { Scene } from '../testing/ledger.scene';
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
