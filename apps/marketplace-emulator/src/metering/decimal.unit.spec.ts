import fc from 'fast-check';
import { Decimal } from './decimal';

const doubles = fc.double({ min: 0, noDefaultInfinity: true, noNaN: true });

it.each([
  [[0.1, 0.1, 0.1], '0.3'],
  [[0.7, 0.1], '0.8'],
  [[1e21, 1], '1000000000000000000001'],
  [[1.5e-7, 1e-7], '0.00000025'],
  [[5, 0.25, 4.75], '10'],
])('adds %j to %s, without drift', (numbers, sum) => {
  expect(numbers.reduce((total, number) => total.plus(Decimal.of(number)), Decimal.zero).toString()).toBe(sum);
});

it('gives back the very double, whatever its size', () => {
  fc.assert(
    fc.property(doubles, (double) => {
      expect(Decimal.of(double).toNumber()).toBe(double);
      expect(Decimal.of(Decimal.of(double).toString()).toNumber()).toBe(double);
    }),
  );
  for (const double of [Number.MIN_VALUE, Number.MAX_VALUE, 1e308, Number.MAX_SAFE_INTEGER])
    expect(Decimal.of(double).toNumber()).toBe(double);
});

it('adds to the same sum in any order', () => {
  const sumOf = (numbers: number[]) => numbers.reduce((total, number) => total.plus(Decimal.of(number)), Decimal.zero).toString();
  fc.assert(fc.property(fc.array(doubles), (numbers) => expect(sumOf(numbers)).toBe(sumOf([...numbers].reverse()))));
});

it('stays a number that JSON can hold when the sum is above the largest double', () => {
  expect(Decimal.of(1e308).plus(Decimal.of(1e308)).toNumber()).toBe(Number.MAX_VALUE);
});

it.each([
  [0.5, 0.01, '0'],
  [3, 0.019, '0.05'],
  [1.99999, 1, '1.99'],
  [1e-300, 0.08, '0'],
])('cuts %d × %d off after the cents: %s', (quantity, price, amount) => {
  expect(Decimal.of(quantity).times(Decimal.of(price)).truncated(2).toString()).toBe(amount);
});

it.each([
  [100, 10, 30, '33.33'],
  [100, 20, 30, '66.67'],
  [0.01, 1, 2, '0.01'],
  [8, 31, 31, '8'],
])('takes from %d what %d of %d days are, rounded to cents: %s', (price, part, whole, amount) => {
  expect(Decimal.of(price).share(part, whole).toString()).toBe(amount);
});

it.each([NaN, Infinity, 'x', '', '1,5'])('refuses %p', (value) => {
  expect(() => Decimal.of(value)).toThrow('Not a decimal number');
});
