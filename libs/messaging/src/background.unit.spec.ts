import { Logger } from '@nestjs/common';
import { Background, type BackgroundOptions, type Round } from './background';
import { Signal } from './signal';

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Logger.prototype, 'error').mockReturnValue();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** A loop whose rounds are written down; `answer` is what a round does. */
function aLoop(answer: (round: Round) => number | Promise<number>, options: Partial<BackgroundOptions> = {}) {
  const rounds: boolean[] = [];
  const wake = new Signal();
  const loop = new Background({
    name: 'Spec',
    failure: 'a round failed',
    errorPauseMs: 1000,
    wake,
    round: async (round) => {
      rounds.push(round.isWoken);
      return answer(round);
    },
    ...options,
  });
  return { loop, rounds, wake };
}

const passed = (ms: number) => jest.advanceTimersByTimeAsync(ms);

it('begins a round when its time has come, or at once after one that leaves something to do', async () => {
  const waits = [0, 0, 500, 500];
  const { loop, rounds } = aLoop(() => waits.shift() ?? 60_000);
  loop.start(100);
  await passed(99);
  expect(rounds).toEqual([]);
  await passed(1);
  expect(rounds).toHaveLength(3);
  await passed(499);
  expect(rounds).toHaveLength(3);
  await passed(1);
  expect(rounds).toEqual([false, false, false, false]);
  await loop.stop();
});

it('stops before its first round, without waiting for it', async () => {
  const { loop, rounds } = aLoop(() => 0);
  loop.start(60_000);
  await loop.stop();
  await passed(120_000);
  expect([rounds, loop.isRunning]).toEqual([[], false]);
});

it('remembers a signal of the time of a round, and begins the next one at once', async () => {
  const { loop, rounds, wake } = aLoop(() => {
    if (rounds.length === 1) wake.raise();
    return 60_000;
  });
  loop.start();
  await passed(0);
  expect(rounds).toEqual([false, true]);
  await loop.stop();
});

it('keeps its least pause, however often it is woken, and stops within it', async () => {
  const { loop, rounds, wake } = aLoop(() => 1000, { leastPauseMs: 100 });
  loop.start();
  for (let ms = 0; ms < 350; ms++) {
    wake.raise();
    await passed(1);
  }
  expect(rounds).toEqual([false, true, true, true]);
  await loop.stop();
  await passed(5000);
  expect(rounds).toHaveLength(4);
});

it('pauses after an error, and no signal ends that', async () => {
  const { loop, rounds, wake } = aLoop(() => Promise.reject(new Error('away')));
  loop.start();
  await passed(0);
  wake.raise();
  await passed(999);
  expect(rounds).toHaveLength(1);
  await passed(1);
  expect(rounds).toHaveLength(2);
  await loop.stop();
});

it('waits for the round that is under way when it stops', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { loop } = aLoop(() => promise);
  loop.start();
  let isStopped = false;
  const stopping = loop.stop().then(() => (isStopped = true));
  await passed(60_000);
  expect(isStopped).toBe(false);
  resolve(0);
  await stopping;
});

it('begins anew while a round still runs for which a stop did not wait, and that one is its last', async () => {
  const old = Promise.withResolvers<number>();
  const signals: AbortSignal[] = [];
  const { loop } = aLoop(({ stopping }) => {
    signals.push(stopping);
    return signals.length === 1 ? old.promise : 1000;
  });
  loop.start();
  const patient = loop.stop();
  const stopped = loop.stop(50);
  await passed(50);
  await stopped;
  loop.start();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  old.resolve(0);
  await patient;
  expect(loop.isRunning).toBe(true);
  await passed(10_500);
  expect(signals.filter((signal) => signal !== signals[0]).length).toBeLessThanOrEqual(12); // one loop goes on, not two
  await loop.stop();
  expect(loop.isRunning).toBe(false);
});
