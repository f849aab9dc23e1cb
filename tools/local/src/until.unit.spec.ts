import { setTimeout as wait } from 'node:timers/promises';
import { until } from './until';

it('waits until a check is true, whether it answers at once or later', async () => {
  let looks = 0;
  await until(() => ++looks === 3);
  await until(() => Promise.resolve(++looks === 5));
  expect(looks).toBe(5);
});

it('ends after its limit, says what was not so, and looks no more', async () => {
  let looks = 0;
  await expect(until(() => ++looks < 0, 100)).rejects.toThrow(/^It was not so within 100 ms: .*looks < 0$/);
  const before = looks;
  await wait(60);
  expect(looks).toBe(before);
});

it('gives a failure of the check to whoever waits', async () => {
  await expect(until(() => Promise.reject(new Error('no table')))).rejects.toThrow('no table');
});
