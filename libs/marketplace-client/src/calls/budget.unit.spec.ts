import fc from 'fast-check';
import { callPurposes, type CallPurpose } from '../marketplace.options';
import { Budget, NotAdmitted, type Leave } from './budget';

fc.configureGlobal({ seed: 1 });

const NEVER = new AbortController().signal;
const SECOND = 1_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Calls that enter a budget, and what became of them. */
function callers(slots: number) {
  const budget = new Budget(slots);
  const admitted: string[] = [];
  const leaves: Leave[] = [];
  return {
    budget,
    admitted,
    leaves,
    enter(purpose: CallPurpose, name: string = purpose): void {
      void budget.enter(purpose, 100 * SECOND, NEVER).then((leave) => (admitted.push(name), leaves.push(leave)));
    },
    /** The oldest call in flight ends. */
    async end(): Promise<void> {
      leaves.shift()?.end();
      await passed(0);
    },
  };
}
const passed = (ms: number) => jest.advanceTimersByTimeAsync(ms);

it('lets every call go at once while there is room', async () => {
  const { admitted, enter } = callers(128);
  for (let call = 0; call < 112; call += 1) enter('reading');
  for (let call = 0; call < 16; call += 1) enter('verification');
  for (let call = 0; call < 16; call += 1) enter('acknowledgement');
  await Promise.resolve();
  await Promise.resolve();
  expect(admitted).toHaveLength(144);
});

it('lets the earlier purposes go first, and calls of one purpose in their order', async () => {
  const { admitted, enter, end } = callers(1);
  enter('reading', 'first');
  const order = ['reconciliation', 'reading', 'change', 'activation', 'verification'] as const;
  for (const purpose of order) for (const no of [1, 2]) enter(purpose, `${purpose} ${no}`);
  await passed(0);
  while (admitted.length < 11) await end();
  expect(admitted.slice(1)).toEqual(order.toReversed().flatMap((purpose) => [`${purpose} 1`, `${purpose} 2`]));
});

it('keeps slots free of what can wait, however slowly Microsoft answers that', async () => {
  const { admitted, enter } = callers(128);
  const count = (purpose: CallPurpose) => admitted.filter((name) => name === purpose).length;
  for (let call = 0; call < 500; call += 1) enter('reconciliation');
  await passed(0);
  expect(count('reconciliation')).toBe(32);
  for (let call = 0; call < 500; call += 1) enter('reading');
  await passed(0);
  expect(count('reading') + count('reconciliation')).toBe(112);
  for (let call = 0; call < 500; call += 1) enter('verification');
  await passed(0);
  expect(count('verification')).toBe(16);
  enter('acknowledgement');
  await passed(0);
  expect(count('acknowledgement')).toBe(1);
});

it('lets nothing wait for ever: each sixteenth turn is that of whoever has waited longest', async () => {
  const { admitted, enter, end } = callers(4);
  const flood = () => enter('verification');
  for (let call = 0; call < 4; call += 1) flood();
  await passed(1);
  enter('reconciliation');
  await passed(1);
  enter('reading');
  for (let call = 0; call < 40; call += 1) {
    flood();
    await passed(1);
    await end();
  }
  expect(admitted.indexOf('reconciliation')).toBeLessThan(16);
  expect(admitted.indexOf('reading')).toBeLessThan(32);
  expect(admitted.filter((name) => name === 'verification').length).toBeGreaterThan(40);
});

describe('while Microsoft asks to wait', () => {
  it('keeps back that purpose and later ones, and none that goes before it', async () => {
    const { budget, admitted, enter } = callers(128);
    budget.throttled('reading', performance.now(), 10 * SECOND);
    for (const purpose of callPurposes) enter(purpose);
    await passed(9 * SECOND);
    expect(admitted).toEqual(['acknowledgement', 'verification', 'activation', 'change', 'purchase']);
    await passed(2 * SECOND);
    expect(admitted.slice(5)).toEqual(['reading', 'metering', 'reconciliation', 'self-check']);
  });

  it('tells a call that may not wait so long at once, and for how long', async () => {
    const { budget } = callers(128);
    budget.throttled('verification', performance.now(), 30 * SECOND);
    await passed(10 * SECOND);
    await expect(budget.enter('verification', SECOND, NEVER)).rejects.toMatchObject({ why: 'paused', afterMs: 20 * SECOND });
  });

  it('believes no wait beyond a minute for other calls than the one that was refused', async () => {
    const { budget, admitted, enter } = callers(128);
    budget.throttled('reading', performance.now(), 3_600 * SECOND);
    enter('reading');
    await passed(61 * SECOND);
    expect(admitted).toEqual(['reading']);
  });

  it('does not let go at once what has gathered: the pace is reduced', async () => {
    const { budget, admitted, enter } = callers(128);
    budget.throttled('reading', performance.now(), 10 * SECOND);
    for (let call = 0; call < 100; call += 1) enter('reading');
    await passed(11 * SECOND);
    expect(admitted.length).toBeGreaterThanOrEqual(5);
    expect(admitted.length).toBeLessThan(20);
    await passed(30 * SECOND);
    expect(admitted).toHaveLength(100);
    expect(budget.perSecond).toBeGreaterThan(5);
  });
});

describe('a queue', () => {
  it('has a bound of its own for each purpose', async () => {
    const { budget, enter, admitted } = callers(1);
    enter('verification');
    for (let call = 0; call < 2_000; call += 1) enter('reconciliation');
    await expect(budget.enter('reconciliation', SECOND, NEVER)).rejects.toBeInstanceOf(NotAdmitted);
    enter('acknowledgement');
    await passed(0);
    expect(admitted).toEqual(['verification', 'acknowledgement']);
  });

  it('tells the age of its oldest call', async () => {
    const { budget, enter, end } = callers(1);
    enter('verification');
    enter('reading');
    await passed(3 * SECOND);
    expect([budget.waitingMs('reading'), budget.waitingMs('verification')]).toEqual([3 * SECOND, 0]);
    await end();
    expect(budget.waitingMs('reading')).toBe(0);
  });

  it('forgets whoever gave up, and goes on behind them', async () => {
    const { budget, admitted, enter, end } = callers(1);
    enter('reading', 'first');
    const gone = new AbortController();
    const waiting = budget.enter('verification', SECOND, gone.signal);
    enter('reading', 'second');
    gone.abort(new Error('time is over'));
    await expect(waiting).rejects.toThrow('time is over');
    await end();
    expect(admitted).toEqual(['first', 'second']);
  });
});

it('never holds more than its slots and lets every call go, in whatever order calls come and end', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const), purpose: fc.constantFrom(...callPurposes) }),
    fc.constant({ kind: 'end' as const }),
    fc.record({
      kind: fc.constant('throttled' as const),
      purpose: fc.constantFrom(...callPurposes),
      ms: fc.integer({ min: 0, max: 5_000 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 60 }), async (slots, steps) => {
      const { budget, admitted, leaves, enter, end } = callers(slots);
      const entered = steps.filter(({ kind }) => kind === 'enter').length;
      for (const one of steps) {
        if (one.kind === 'enter') enter(one.purpose);
        if (one.kind === 'throttled') budget.throttled(one.purpose, performance.now(), one.ms);
        if (one.kind === 'end') await end();
        await passed(0);
        expect(leaves.length).toBeLessThanOrEqual(Math.ceil((slots * 9) / 8));
      }
      for (let round = 0; round < 200 && admitted.length < entered; round += 1) {
        await end();
        await passed(SECOND);
      }
      expect(admitted).toHaveLength(entered);
    }),
    { numRuns: 100 },
  );
});
