import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';
import { Advance, type Advanced } from './advance';
import { Clock, type StoredClock } from './clock';
import { Scheduler, type Timer } from './scheduler';

const minuteMs = 60_000;

/** Real time is short here: what takes 5 s takes 200 ms. */
const bounds = { advanceRealMs: 2_000, advanceAnswerMs: 200, advanceNoAnswerMs: 10, advanceAcknowledgeMs: 150 };

/**
 * A timer of kind `deliver-webhook` sends something; the publisher answers after `answersAfterMs`, and accepts it unless `takes` is false.
 */
class FakeDeliveries {
  tries = 0;
  takenAt = -Infinity;
  answersAfterMs = 0;
  takes = true;
  private readonly underWay = new Set<Promise<void>>();

  send(): void {
    const work = new Promise<void>((resolve) => setTimeout(resolve, this.answersAfterMs).unref()).then(() => {
      this.tries++;
      if (this.takes) this.takenAt = performance.now();
      this.underWay.delete(work);
    });
    this.underWay.add(work);
  }

  onTheWay(): Promise<void>[] {
    return [...this.underWay];
  }
}

function anAdvance() {
  const store = new DocumentStore(noJournal);
  const clock = new Clock(store.collection<StoredClock>('clock'));
  const deliveries = new FakeDeliveries();
  const scheduler = new Scheduler(
    store.collection<Timer>('timer'),
    clock,
    (work) => store.atomically(work),
    () => {},
  );
  const fired: { subject: string; atMs: number; nowMs: number }[] = [];
  const note = (subject: string) => fired.push({ subject, atMs: clock.now(), nowMs: Date.now() + clock.offsetMs });
  scheduler.on('begin-operation', note);
  scheduler.on('accept-operation', note);
  scheduler.on('deliver-webhook', (subject) => {
    note(subject);
    deliveries.send();
  });
  scheduler.start();
  const advance = new Advance(clock, scheduler, deliveries, bounds);
  const startMs = clock.now();
  const to = (minutes: number, restMs?: number) => advance.to(startMs + minutes * minuteMs, restMs) as Promise<Advanced>;
  return { advance, store, clock, scheduler, deliveries, fired, startMs, to };
}

it('fires every timer on the way at its own instant, also those that a timer schedules, and no other', async () => {
  const { scheduler, clock, fired, startMs, to } = anAdvance();
  scheduler.on('complete-activation', () => scheduler.schedule('begin-operation', 'of 4', clock.now() + 3 * minuteMs));
  scheduler.schedule('begin-operation', '5', startMs + 5 * minuteMs);
  scheduler.schedule('complete-activation', '1', startMs + minuteMs);
  scheduler.schedule('begin-operation', '10', startMs + 10 * minuteMs);
  scheduler.schedule('begin-operation', '11', startMs + 10 * minuteMs + 2_000);
  expect(await to(10)).toMatchObject({ reached: true, fired: 4, webhooks: 0 });
  expect(fired.map(({ subject, atMs }) => [subject, atMs - startMs])).toEqual([
    ['of 4', 4 * minuteMs],
    ['5', 5 * minuteMs],
    ['10', 10 * minuteMs],
  ]);
  for (const { atMs, nowMs } of fired) expect(nowMs - atMs).toBeLessThan(minuteMs / 2); // time had not gone past it
  scheduler.stop();
});

it('lets a webhook be answered before time goes on', async () => {
  const { scheduler, deliveries, fired, startMs, to } = anAdvance();
  deliveries.answersAfterMs = 60;
  for (const minute of [1, 2, 3]) {
    scheduler.schedule('deliver-webhook', `${minute}`, startMs + minute * minuteMs);
    scheduler.schedule('begin-operation', `tries by then: ${minute}`, startMs + minute * minuteMs + 30_000);
  }
  const triesSeen: number[] = [];
  scheduler.on('begin-operation', () => triesSeen.push(deliveries.tries));
  expect(await to(5)).toMatchObject({ reached: true, fired: 6, webhooks: 3 });
  expect([triesSeen, fired.map(({ subject }) => subject)]).toEqual([
    [1, 2, 3],
    ['1', '2', '3'],
  ]);
  scheduler.stop();
});

it('is held up by a publisher that hangs once, and then hardly at all', async () => {
  const { scheduler, deliveries, startMs, to } = anAdvance();
  deliveries.answersAfterMs = 3_000;
  for (let minute = 1; minute <= 20; minute++) scheduler.schedule('deliver-webhook', `${minute}`, startMs + minute * minuteMs);
  const beganAt = performance.now();
  expect(await to(60)).toMatchObject({ reached: true, fired: 20, webhooks: 0 });
  const tookMs = performance.now() - beganAt;
  expect(tookMs).toBeGreaterThanOrEqual(bounds.advanceAnswerMs + 19 * bounds.advanceNoAnswerMs - 20);
  expect(tookMs).toBeLessThan(bounds.advanceRealMs);
  scheduler.stop();
});

it('is held up in all no longer by a publisher whose answers are no good, and waits for each again when it takes one', async () => {
  const { scheduler, deliveries, startMs, to } = anAdvance();
  Object.assign(deliveries, { answersAfterMs: 50, takes: false });
  for (let minute = 1; minute <= 20; minute++) scheduler.schedule('deliver-webhook', `${minute}`, startMs + minute * minuteMs);
  const beganAt = performance.now();
  await to(30);
  expect(performance.now() - beganAt).toBeLessThan(20 * 50); // what waiting for all would take
  Object.assign(deliveries, { answersAfterMs: 0, takes: true });
  for (let minute = 31; minute <= 39; minute++) scheduler.schedule('deliver-webhook', `taken at ${minute}`, startMs + minute * minuteMs);
  await to(40);
  await Promise.all(deliveries.onTheWay()); // those of before, which were no longer waited for
  deliveries.answersAfterMs = 50;
  const triesBefore = deliveries.tries;
  for (const minute of [41, 42, 43]) scheduler.schedule('deliver-webhook', `${minute}`, startMs + minute * minuteMs);
  expect(await to(50)).toMatchObject({ webhooks: 3 });
  expect(deliveries.tries).toBe(triesBefore + 3);
  scheduler.stop();
});

it('gives the publisher real time for a PATCH before the ten seconds are passed over, and none before anything else', async () => {
  const { scheduler, deliveries, startMs, to } = anAdvance();
  const firedAt: number[] = [];
  for (const kind of ['begin-operation', 'accept-operation'] as const) scheduler.on(kind, () => firedAt.push(performance.now()));
  scheduler.schedule('deliver-webhook', 'change', startMs + minuteMs);
  scheduler.schedule('begin-operation', 'another', startMs + minuteMs + 5_000);
  scheduler.schedule('accept-operation', 'change', startMs + minuteMs + 10_000);
  await to(2);
  const [another, acceptance] = firedAt as [number, number];
  expect(acceptance - deliveries.takenAt).toBeGreaterThanOrEqual(bounds.advanceAcknowledgeMs - 1);
  expect(another - deliveries.takenAt).toBeLessThan(bounds.advanceAcknowledgeMs);
  scheduler.stop();
});

it('rests after each instant with a webhook where that is wanted', async () => {
  const { scheduler, startMs, to } = anAdvance();
  for (const minute of [1, 2, 3]) scheduler.schedule('deliver-webhook', `${minute}`, startMs + minute * minuteMs);
  const beganAt = performance.now();
  await to(10, 60);
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(3 * 60 - 3);
  scheduler.stop();
});

it('returns how far it came when the real time of a call is over, and goes on from there', async () => {
  const { scheduler, deliveries, startMs, to, clock } = anAdvance();
  for (const minute of [1, 2]) scheduler.schedule('deliver-webhook', `${minute}`, startMs + minute * minuteMs);
  const [first, target] = [await to(10, bounds.advanceRealMs), new Date(startMs + 10 * minuteMs).toISOString()];
  expect(first).toMatchObject({ reached: false, fired: 1, target });
  expect(Date.parse(first.now)).toBeLessThan(startMs + 2 * minuteMs);
  expect(await to(10)).toMatchObject({ reached: true, fired: 1, target });
  expect([deliveries.tries, clock.now() >= startMs + 10 * minuteMs]).toEqual([2, true]);
  scheduler.stop();
});

it('goes on when a timer fails', async () => {
  const { scheduler, fired, startMs, to } = anAdvance();
  scheduler.on('complete-activation', () => {
    throw new Error('broken');
  });
  scheduler.schedule('complete-activation', 'broken', startMs + minuteMs);
  scheduler.schedule('begin-operation', 'good', startMs + 2 * minuteMs);
  expect(await to(3)).toMatchObject({ reached: true, fired: 1 });
  expect(fired).toHaveLength(1);
  scheduler.stop();
});

it.each(['a stop', 'a reset'])('ends at once by %s', async (what) => {
  const { advance, store, scheduler, deliveries, clock, startMs, to } = anAdvance();
  deliveries.answersAfterMs = 3_000;
  scheduler.schedule('deliver-webhook', 'hangs', startMs + minuteMs);
  const beganAt = performance.now();
  const outcome = to(10);
  expect(advance.target).toBe(new Date(startMs + 10 * minuteMs).toISOString());
  setTimeout(() => (what === 'a stop' ? void advance.stop() : store.replace(new Map())), 50);
  if (what === 'a stop') expect(await outcome).toMatchObject({ reached: false });
  else expect([await outcome, clock.offsetMs]).toEqual(['replaced', 0]);
  expect(performance.now() - beganAt).toBeLessThan(bounds.advanceAnswerMs);
  scheduler.stop();
});
