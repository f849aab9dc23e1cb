import { limits } from '../../limits';
import { DocumentStore } from '../../state/document.store';
import { noJournal, type Journal } from '../../state/journal';
import { Clock } from '../../time/clock';
import { FaultRepository } from './fault.repository';
import type { FaultContext } from '../fault.context';
import { faultSchema, type FaultRule } from './fault.rule';

class MovableClock extends Clock {
  nowMs = Date.parse('2026-01-31T12:00:00Z');
  override now(): number {
    return this.nowMs;
  }
}

const call: FaultContext = {
  surface: 'fulfillment',
  route: 'getSubscription',
  method: 'GET',
  subscriptions: [],
  action: null,
  initiator: null,
  operationStatus: null,
  operationKey: null,
};
const unavailable = { effect: 'status', status: 503 };

let clock: MovableClock;
let repository: FaultRepository;
let puts: FaultRule[];

beforeEach(() => {
  jest.useFakeTimers();
  clock = new MovableClock();
  puts = [];
  const journal: Journal = { ...noJournal, put: (_kind, rule) => puts.push(rule as FaultRule) };
  repository = new FaultRepository(new DocumentStore(journal).collection<FaultRule>('fault'), clock, (error) => {
    throw error;
  });
});

afterEach(() => jest.useRealTimers());

const add = (body: object) => repository.add(faultSchema.parse(body));
const fires = () => repository.takeForCall(call, 'after-auth') !== undefined;
const sequence = (length: number) => Array.from({ length }, () => (fires() ? 1 : 0)).join('');

it('passes over the first `skip` matches, then fires `count` times', () => {
  const { id } = add({ when: { skip: 2, count: 3 }, do: unavailable });
  expect(sequence(8)).toBe('00111000');
  expect(repository.get(id)).toMatchObject({ matched: 8, fired: 3 });
});

it('fires for ever without a count', () => {
  add({ do: unavailable });
  expect(sequence(100)).toBe('1'.repeat(100));
});

it('decides the same with the same seed, and otherwise with another', () => {
  const withSeed = (seed: number) => {
    repository.clear();
    add({ when: { probability: 0.5, seed }, do: unavailable });
    return sequence(64);
  };
  expect(withSeed(7)).toBe(withSeed(7));
  expect(withSeed(7)).not.toBe(withSeed(8));
});

it.each([0, 0.1, 0.5, 0.9, 1])('fires with the probability of %d', (probability) => {
  add({ when: { probability, seed: 1 }, do: unavailable });
  const share = [...sequence(10_000)].filter((fired) => fired === '1').length / 10_000;
  expect(share).toBeGreaterThanOrEqual(probability === 1 ? 1 : probability - 0.02);
  expect(share).toBeLessThanOrEqual(probability === 0 ? 0 : probability + 0.02);
});

it('continues the sequence of a seed where a restart has interrupted it', () => {
  const uninterrupted = add({ when: { probability: 0.5, seed: 3 }, do: unavailable });
  const whole = sequence(40);
  const store = new DocumentStore({ ...noJournal, load: () => [{ ...uninterrupted, matched: 15, fired: 0 } as never] });
  repository = new FaultRepository(store.collection<FaultRule>('fault'), clock, () => {});
  expect(sequence(25)).toBe(whole.slice(15));
});

it('is in force from `from` on and before `until`, on the business clock', () => {
  add({ when: { from: 'PT10M', until: '2026-01-31T13:00:00Z' }, do: unavailable });
  const at = (time: string) => {
    clock.nowMs = Date.parse(`2026-01-31T${time}Z`);
    return fires();
  };
  expect(['12:00:00', '12:09:59', '12:10:00', '12:59:59', '13:00:00'].map(at)).toEqual([false, false, true, true, false]);
  expect(repository.all()[0]).toMatchObject({ matched: 2, fired: 2 });
});

it('lets the first rule that fires decide, and asks none after it', () => {
  const [spent, first, second] = [add({ when: { count: 1 }, do: unavailable }), add({ do: unavailable }), add({ do: unavailable })];
  const fired = [1, 2].map(() => repository.takeForCall(call, 'after-auth')?.id);
  expect(fired).toEqual([spent.id, first.id]);
  expect(repository.get(second.id)).toMatchObject({ matched: 0 });
});

it('keeps rules for calls, for calls before authentication and for webhooks apart', () => {
  const [afterAuth, beforeAuth, webhook] = [
    add({ do: unavailable }),
    add({ when: { beforeAuth: true }, do: unavailable }),
    add({ do: { effect: 'drop' } }),
  ];
  expect(repository.takeForCall(call, 'after-auth')?.id).toBe(afterAuth.id);
  expect(repository.takeForCall(call, 'before-auth')?.id).toBe(beforeAuth.id);
  expect(
    repository
      .takeForWebhook({ subscriptions: [], action: 'Renew', initiator: 'Azure', operationStatus: null, operationKey: null })
      ?.effect('drop'),
  ).toEqual({
    effect: 'drop',
    as: 'lost',
  });
  expect([afterAuth, beforeAuth, webhook].map(({ id }) => repository.get(id)?.fired)).toEqual([1, 1, 1]);
});

it('writes what it has counted once in a while, and at once what has fired for the last time', () => {
  add({ when: { count: 1_000 }, do: unavailable });
  puts.length = 0;
  sequence(999);
  expect(puts).toEqual([]);
  jest.advanceTimersByTime(limits.faultCountersMs);
  expect(puts).toMatchObject([{ matched: 999, fired: 999 }]);
  sequence(5);
  expect(puts).toMatchObject([{ fired: 999 }, { fired: 1_000 }]);
});

it('writes at the end what it has not written', () => {
  add({ do: unavailable });
  fires();
  repository.stop();
  expect(puts.at(-1)).toMatchObject({ fired: 1 });
});
