import fc from 'fast-check';
import { plainDecimal } from './lenient';

fc.configureGlobal({ seed: 1 });

it.each([
  [0, '0'],
  [-0, '0'],
  [12.5, '12.5'],
  [-3, '-3'],
  [1e-7, '0.0000001'],
  [1.25e-9, '0.00000000125'],
  [1e21, '1000000000000000000000'],
  [1.234e22, '12340000000000000000000'],
])('writes %p as %s', (number, text) => {
  expect(plainDecimal(number)).toBe(text);
});

it('loses no digit, and has no exponent', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = plainDecimal(number);
      expect(text).toMatch(/^-?\d+(\.\d+)?$/);
      expect(Number(text)).toBe(number === 0 ? 0 : number);
    }),
  );
});
