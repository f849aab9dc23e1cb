import { DocumentStore } from '../state/document.store';
import { forgetful } from '../state/journal';
import { Clock } from './clock';
import { Scheduler, type Timer } from './scheduler';

jest.useFakeTimers();

function schedulerOf(fired: string[], onError: (error: unknown) => void = () => {}) {
  const store = new DocumentStore(forgetful);
  const timers = store.collection<Timer>('timer');
  const scheduler = new Scheduler(timers, new Clock(), (work) => store.atomically(work), onError);
  scheduler.on('accept-operation', (subject) => fired.push(subject));
  scheduler.start();
  return { scheduler, timers };
}

it('fires each timer once, at its time, the earliest first', () => {
  const fired: string[] = [];
  const { scheduler, timers } = schedulerOf(fired);
  scheduler.schedule('accept-operation', 'late', Date.now() + 200);
  scheduler.schedule('accept-operation', 'early', Date.now() + 100);
  jest.advanceTimersByTime(99);
  expect(fired).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(fired).toEqual(['early', 'late']);
  expect(timers.size).toBe(0);
});

it('fires at the new time when a timer was moved, and not at all when it was cancelled', () => {
  const fired: string[] = [];
  const { scheduler } = schedulerOf(fired);
  for (const delayMs of [300, 100, 200]) scheduler.schedule('accept-operation', 'moved', Date.now() + delayMs);
  scheduler.schedule('accept-operation', 'cancelled', Date.now() + 100);
  scheduler.cancel('accept-operation', 'cancelled');
  jest.advanceTimersByTime(199);
  expect(fired).toEqual([]);
  jest.advanceTimersByTime(500);
  expect(fired).toEqual(['moved']);
});

it('keeps a timer whose work failed, reports it, and fires the others', () => {
  const [fired, errors]: [string[], unknown[]] = [[], []];
  const { scheduler, timers } = schedulerOf(fired, (error) => errors.push(error));
  scheduler.on('begin-operation', () => {
    throw new Error('broken');
  });
  scheduler.schedule('begin-operation', 'broken', Date.now());
  scheduler.schedule('accept-operation', 'good', Date.now() + 1);
  jest.advanceTimersByTime(10);
  expect([fired, errors.length, timers.has('begin-operation:broken')]).toEqual([['good'], 1, true]);
});
