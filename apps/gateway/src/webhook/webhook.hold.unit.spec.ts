import { Overloaded } from '@landfall/messaging';
import type { Registrations } from '../registrations';
import type { WebhookRepository } from './webhook.repository';
import { HELD_LIMIT, HeldAnswers, type Hold } from './webhook.hold';
import type { Standing } from './webhook.standing';

const standing: Standing = {
  ...{ deliveryId: 'one', verdict: 'refused', reason: 'no', settled: null },
  ...{ answer: null, isReported: false, isInTime: true },
};

type Decided = jest.Mock<Promise<Standing[]>, [string[]]>;
const nothingDecided = (): Decided => jest.fn<Promise<Standing[]>, [string[]]>(async () => []);

let held: HeldAnswers;
const heldBy = (decided: Decided, ...registrations: string[]): HeldAnswers => {
  const known = { all: () => registrations.map((name) => ({ name })) } as Registrations;
  return (held = new HeldAnswers({ decided } as unknown as WebhookRepository, known));
};
const hold = (changes: Partial<Hold> = {}): Promise<Standing | null> =>
  held.standingOf({ deliveryId: 'one', registration: 'contoso', limitMs: 60_000, gone: new AbortController().signal, ...changes });
const holdMany = (count: number, changes: Partial<Hold> = {}) =>
  Array.from({ length: count }, (_, index) => hold({ deliveryId: `of-${changes.registration}-${index}`, ...changes }));

it('learns the decision although the reply to one query is lost', async () => {
  const decided = nothingDecided().mockResolvedValue([standing]);
  decided.mockReturnValueOnce(new Promise(() => undefined));
  heldBy(decided, 'contoso');
  expect(await hold({ limitMs: 30_000 })).toEqual(standing);
  expect(decided).toHaveBeenCalledTimes(2);
});

it('asks no further while the replies to several queries are lost, and ends by its limit', async () => {
  const decided = nothingDecided().mockReturnValue(new Promise(() => undefined));
  heldBy(decided, 'contoso');
  expect(await hold({ limitMs: 3_000 })).toBeNull();
  expect(decided.mock.calls.length).toBeLessThanOrEqual(3);
  expect(held.size).toBe(0);
});

describe('the places', () => {
  afterEach(() => {
    held.onModuleDestroy();
    expect(held.size).toBe(0);
  });

  it('are so many and no more, and one that is left is free for the next', async () => {
    heldBy(nothingDecided(), 'contoso');
    const leaving = new AbortController();
    const first = hold({ gone: leaving.signal });
    void holdMany(HELD_LIMIT - 1);
    await expect(hold()).rejects.toThrow(Overloaded);
    expect(held.size).toBe(HELD_LIMIT);
    leaving.abort();
    expect(await first).toBeNull();
    void hold();
    expect(held.size).toBe(HELD_LIMIT);
  });

  it('are shared equally: a flood of one registration leaves the others theirs', async () => {
    heldBy(nothingDecided(), 'contoso', 'fabrikam');
    void holdMany(HELD_LIMIT / 2, { registration: 'contoso' });
    await expect(hold({ registration: 'contoso' })).rejects.toThrow(Overloaded);
    void holdMany(HELD_LIMIT / 2, { registration: 'fabrikam' });
    await expect(hold({ registration: 'fabrikam' })).rejects.toThrow(Overloaded);
    expect(held.size).toBe(HELD_LIMIT);
  });

  it('are at least one for each of very many registrations', async () => {
    heldBy(nothingDecided(), ...Array.from({ length: HELD_LIMIT * 2 }, (_, index) => `publisher-${index}`));
    void hold({ registration: 'publisher-7' });
    await expect(hold({ registration: 'publisher-7' })).rejects.toThrow(Overloaded);
  });

  it('are not taken by an answer that nobody waits for any more', async () => {
    const decided = nothingDecided();
    heldBy(decided, 'contoso');
    expect(await hold({ gone: AbortSignal.abort() })).toBeNull();
    expect([held.size, decided.mock.calls]).toEqual([0, []]);
  });
});

it('ends all that are held when the service is gone, each with nothing known', async () => {
  heldBy(nothingDecided(), 'contoso');
  const waiting = holdMany(20);
  held.onModuleDestroy();
  expect(await Promise.all(waiting)).toEqual(Array(20).fill(null));
});
