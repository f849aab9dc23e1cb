import { limits } from '../limits';
import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';
import { Clock } from './clock';
import { Scheduler, type Timer } from './scheduler';

jest.useFakeTimers();

const dayMs = 86_400_000;

function schedulerOf(fired: string[], onError: (error: unknown) => void = () => {}) {
  const store = new DocumentStore(noJournal);
  const timers = store.collection<Timer>('timer');
  const clock = new Clock();
  const scheduler = new Scheduler(timers, clock, (work) => store.atomically(work), onError);
  scheduler.on('accept-operation', (subject) => fired.push(subject));
  scheduler.start();
  return { scheduler, timers, clock, store };
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

it('keeps a timer whose work failed, reports it once, and fires the others', () => {
  const [fired, errors]: [string[], unknown[]] = [[], []];
  const { scheduler, timers } = schedulerOf(fired, (error) => errors.push(error));
  scheduler.on('begin-operation', () => {
    throw new Error('broken');
  });
  scheduler.schedule('begin-operation', 'broken', Date.now());
  scheduler.schedule('accept-operation', 'good', Date.now() + 1);
  jest.advanceTimersByTime(10);
  for (let move = 0; move < 3 * limits.staleTimers; move++) scheduler.schedule('accept-operation', 'moved', Date.now() + dayMs + move);
  jest.advanceTimersByTime(10);
  expect([fired, errors.length, timers.has('begin-operation:broken')]).toEqual([['good'], 1, true]);
});

it('fires a timer that is farther ahead than a timer of Node can be, at its time', () => {
  const fired: string[] = [];
  const { scheduler } = schedulerOf(fired);
  scheduler.schedule('accept-operation', 'in 400 days', Date.now() + 400 * dayMs);
  jest.advanceTimersByTime(400 * dayMs - 1);
  expect(fired).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(fired).toEqual(['in 400 days']);
});

it('fires at once what a moved clock has made due, and sleeps until what comes next', () => {
  const fired: string[] = [];
  const { scheduler, clock } = schedulerOf(fired);
  scheduler.schedule('accept-operation', 'in a day', Date.now() + dayMs);
  scheduler.schedule('accept-operation', 'a minute later', Date.now() + dayMs + 60_000);
  clock.moveTo(Date.now() + dayMs);
  scheduler.fire();
  expect(fired).toEqual(['in a day']);
  jest.advanceTimersByTime(60_000);
  expect(fired).toEqual(['in a day', 'a minute later']);
});

it('runs the work of an overdue timer as of the time that was meant, and sleeps no longer for it', () => {
  const fired: string[] = [];
  const { scheduler, clock } = schedulerOf(fired);
  const [dueAtMs, seen] = [Date.now() - 10 * dayMs, [] as number[]];
  scheduler.on('begin-operation', (subject) => {
    seen.push(clock.now());
    scheduler.schedule(seen.length < 3 ? 'begin-operation' : 'accept-operation', subject, clock.now() + 5 * dayMs);
  });
  scheduler.schedule('begin-operation', 'every five days', dueAtMs);
  jest.advanceTimersByTime(1_000);
  expect(seen).toEqual([dueAtMs, dueAtMs + 5 * dayMs, dueAtMs + 10 * dayMs]);
  expect(clock.now()).toBe(Date.now());
  scheduler.on('begin-operation', () => scheduler.schedule('accept-operation', 'soon', Date.now() + 100));
  scheduler.schedule('begin-operation', 'of last week', Date.now() - 7 * dayMs);
  jest.advanceTimersByTime(101);
  expect(fired).toEqual(['soon']);
});

it('remembers of timers that are moved and cancelled no more than a bound', () => {
  const fired: string[] = [];
  const { scheduler } = schedulerOf(fired);
  for (let round = 0; round < 50; round++) {
    for (let timer = 0; timer < 200; timer++) {
      scheduler.schedule('accept-operation', `timer ${timer}`, Date.now() + 365 * dayMs - round * (timer % 2)); // half of them to the same time
      scheduler.schedule('begin-operation', 'cancelled', Date.now() + 365 * dayMs);
      scheduler.cancel('begin-operation', 'cancelled');
    }
    jest.advanceTimersByTime(0);
    expect(scheduler.queued).toBeLessThanOrEqual(2 * 200 + limits.staleTimers + 2 * 200);
  }
  jest.advanceTimersByTime(365 * dayMs);
  expect(fired).toHaveLength(200);
});

it('still fires a timer at its old time when the transaction that moved it has failed, however many stale ones were forgotten', () => {
  const fired: string[] = [];
  const { scheduler, store } = schedulerOf(fired);
  scheduler.schedule('accept-operation', 'meant', Date.now() + 1_000);
  const failing = () =>
    store.atomically(() => {
      for (let move = 0; move < 2 * limits.staleTimers; move++) scheduler.schedule('accept-operation', 'meant', Date.now() + dayMs + move);
      scheduler.cancel('accept-operation', 'meant');
      throw new Error('broken');
    });
  expect(failing).toThrow('broken');
  jest.advanceTimersByTime(1_000);
  expect(fired).toEqual(['meant']);
});

it('names the timer that is next, past those that are not meant any more', () => {
  const { scheduler } = schedulerOf([]);
  scheduler.schedule('accept-operation', 'cancelled', Date.now() + 1_000);
  scheduler.cancel('accept-operation', 'cancelled');
  scheduler.schedule('accept-operation', 'moved', Date.now() + 1_000);
  scheduler.schedule('accept-operation', 'moved', Date.now() + 3_000);
  scheduler.schedule('accept-operation', 'next', Date.now() + 2_000);
  expect(scheduler.next()?.subject).toBe('next');
  scheduler.cancel('accept-operation', 'next');
  expect(scheduler.next()?.subject).toBe('moved');
  scheduler.cancel('accept-operation', 'moved');
  expect(scheduler.next()).toBeUndefined();
});
