import fc from 'fast-check';
import { cutToCents, decimalOf, numberOf, shareOf, sumOf, textOf } from './decimal';

fc.configureGlobal({ seed: 1 });

const doubles = fc.double({ min: 0, noDefaultInfinity: true, noNaN: true });

it.each([
  [[0.1, 0.1, 0.1], '0.3'],
  [[0.7, 0.1], '0.8'],
  [[1e21, 1], '1000000000000000000001'],
  [[1.5e-7, 1e-7], '0.00000025'],
  [[5, 0.25, 4.75], '10'],
])('adds %j to %s, without drift', (numbers, sum) => {
  expect(textOf(sumOf(numbers.map(decimalOf)))).toBe(sum);
});

it('gives back the very double, whatever its size', () => {
  fc.assert(
    fc.property(doubles, (double) => {
      expect(numberOf(decimalOf(double))).toBe(double);
      expect(numberOf(decimalOf(textOf(decimalOf(double))))).toBe(double);
    }),
  );
  for (const double of [Number.MIN_VALUE, Number.MAX_VALUE, 1e308, Number.MAX_SAFE_INTEGER])
    expect(numberOf(decimalOf(double))).toBe(double);
});

it('adds to the same sum in any order', () => {
  const sum = (numbers: number[]) => textOf(sumOf(numbers.map(decimalOf)));
  fc.assert(fc.property(fc.array(doubles), (numbers) => expect(sum(numbers)).toBe(sum([...numbers].reverse()))));
});

it('stays a number that JSON can hold when the sum is above the largest double', () => {
  expect(numberOf(sumOf([decimalOf(1e308), decimalOf(1e308)]))).toBe(Number.MAX_VALUE);
});

it.each([
  [0.5, 0.01, '0'],
  [3, 0.019, '0.05'],
  [1.99999, 1, '1.99'],
  [1e-300, 0.08, '0'],
])('cuts %d × %d off after the cents: %s', (quantity, price, amount) => {
  expect(textOf(cutToCents(decimalOf(quantity).times(price)))).toBe(amount);
});

it.each([
  [100, 10, 30, '33.33'],
  [100, 20, 30, '66.67'],
  [0.01, 1, 2, '0.01'],
  [8, 31, 31, '8'],
])('takes from %d what %d of %d days are, rounded to cents: %s', (price, part, whole, amount) => {
  expect(textOf(shareOf(decimalOf(price), part, whole))).toBe(amount);
});

it.each([NaN, Infinity, 'x', '', '1,5', '.5', '1.', '+1', '1E+3', ' 1', '1e+1000000000'])('refuses %p', (value) => {
  expect(() => decimalOf(value)).toThrow('Not a decimal number');
});
