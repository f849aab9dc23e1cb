import { millionthsOf, owed, type TrueLife, type TrueRecord } from './oracle';

const hourMs = 3_600_000;
const used = (at: number, quantity: string, id = `${at} ${quantity}`): TrueRecord => ({ id, meter: 'emails', quantity, at: at * hourMs });
const life = (changes: Partial<TrueLife>): TrueLife => ({
  states: [{ from: 0, status: 'Subscribed', planId: 'base' }],
  terms: [0],
  records: [],
  rateOf: (planId) => ({ price: planId === 'base' ? '0.004' : '0.01', included: '1000' }),
  ...changes,
});

it('charges what goes beyond the included quantity, each record once', () => {
  expect(owed(life({ records: [used(1, '600', 'a'), used(2, '700', 'b'), used(2, '700', 'b')] }))).toEqual({ 'base emails': 120n });
});

it('charges whole cents of all that was used, whatever its hours', () => {
  expect(owed(life({ records: [used(1, '1000'), ...[2, 3, 4, 5, 6].map((hour) => used(hour, '0.5'))] }))).toEqual({ 'base emails': 1n });
  expect(owed(life({ records: [used(1, '1002.25')] }))).toEqual({});
});

it('takes a correction back, and begins each term anew', () => {
  const records = [used(1, '1200'), used(2, '-100'), used(11, '1050')];
  expect(owed(life({ records, terms: [0, 10 * hourMs] }))).toEqual({ 'base emails': 60n });
});

it('counts by the plan of its time, and nothing of a suspension or of what came after the end', () => {
  const states = [
    { from: 0, status: 'Subscribed', planId: 'base' },
    { from: 10 * hourMs, status: 'Subscribed', planId: 'plus' },
    { from: 20 * hourMs, status: 'Suspended', planId: 'plus' },
    { from: 30 * hourMs, status: 'Subscribed', planId: 'plus' },
    { from: 40 * hourMs, status: 'Unsubscribed', planId: 'plus' },
  ] as const;
  const records = [5, 15, 25, 35, 45].map((hour) => used(hour, '1001'));
  expect(owed(life({ states, records }))).toEqual({ 'plus emails': 1_002n });
});

it('charges nothing of what is included without limit, and refuses what is no decimal', () => {
  expect(owed(life({ records: [used(1, '5000')], rateOf: () => ({ price: '1', included: null }) }))).toEqual({});
  expect(() => millionthsOf('1e3')).toThrow(/1e3/);
});
