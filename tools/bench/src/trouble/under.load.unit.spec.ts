import { heldRate } from './under.load';

it('a load that holds is half of what was done at most, and never asks for more webhooks than there are subscriptions', () => {
  expect(heldRate(80, 3_000, 20)).toBe(40);
  expect(heldRate(800, 3_000, 80)).toBe(37.5);
  expect(heldRate(1, 3_000, 20)).toBe(1);
});
