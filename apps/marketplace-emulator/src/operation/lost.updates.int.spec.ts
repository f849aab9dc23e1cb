import fc from 'fast-check';
import { Publisher } from '../testing/publisher';

fc.configureGlobal({ seed: 1 });

interface Seen {
  id: string;
  action: string;
  status: string;
  planId: string;
  quantity: number;
  settledBy: string | null;
  settledAt: string | null;
}

interface Truth {
  saasSubscriptionStatus: string;
  planId: string;
  quantity: number;
  pendingOperationId: string | null;
  operations: Seen[];
}

const plans = ['a', 'b', 'c'];
const isOpen = ({ status }: Seen) => status === 'NotStarted' || status === 'InProgress';
const isChange = ({ action }: Seen) => action === 'ChangePlan' || action === 'ChangeQuantity';

let publisher: Publisher;
/** Operations that our webhook has refused by 400. */
let refused: Set<string>;

beforeAll(async () => {
  publisher = await Publisher.start({
    settings: { autoAcceptMs: 10_000, operationStartDelayMs: 3_000, retryDelaysMs: [2_000, 20_000], maxRetries: 5 },
  });
  const sold = plans.map((planId) => ({ planId, seats: { min: 1, max: 9 }, isAutoActivated: planId === 'a' }));
  await publisher.control('PUT', '/offers/race', { plans: sold });
});

afterAll(() => publisher.stop());

const change = fc.oneof(
  fc.constantFrom(...plans).map((planId) => ({ planId })),
  fc.integer({ min: 1, max: 9 }).map((quantity) => ({ quantity })),
);
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publisher changes' as const), change }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('customer changes' as const), change }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('acknowledge' as const),
      word: fc.constantFrom('Success', 'Failure', 'Perhaps'),
      back: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('suspend' as const, 'reinstate' as const, 'renew' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'unsubscribe' as const) }) },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

/** Either things that are asked for at the same time, or time that passes while the webhook answers in one way. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ atOnce: fc.array(act, { minLength: 1, maxLength: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ duration: fc.constantFrom('PT1S', 'PT4S', 'PT11S', 'PT1M'), answer: fc.constantFrom(200, 200, 400, 500) }),
  },
);

const truthOf = (id: string) => publisher.truth(id) as Promise<Truth>;

/** What was answered by success. */
async function perform(id: string, wanted: Act): Promise<boolean> {
  const path = `/saas/subscriptions/${id}`;
  switch (wanted.do) {
    case 'publisher changes':
      return (await publisher.api('PATCH', path, wanted.change)).status === 202;
    case 'customer changes':
      return (
        (await publisher.control('POST', `/subscriptions/${id}/change-${'planId' in wanted.change ? 'plan' : 'quantity'}`, wanted.change))
          .status === 202
      );
    case 'delete':
      return (await publisher.api('DELETE', path)).status === 202;
    case 'acknowledge': {
      const operation = (await truthOf(id)).operations.filter(isChange).at(-1 - wanted.back);
      return (
        operation !== undefined &&
        (await publisher.api('PATCH', `${path}/operations/${operation.id}`, { status: wanted.word })).status === 200
      );
    }
    default:
      return (await publisher.control('POST', `/subscriptions/${id}/${wanted.do}`)).status === 202;
  }
}

/** What holds at every moment, whoever asked for what and in which order. */
function expectNothingLost(truth: Truth, before: Truth): void {
  const open = truth.operations.filter(isOpen);
  expect(open.length).toBeLessThanOrEqual(1);
  expect(truth.pendingOperationId).toBe(open[0]?.id ?? null);
  for (const operation of open) {
    if (isChange(operation)) expect(truth.saasSubscriptionStatus).toBe('Subscribed'); // a suspension or a cancellation ends it
    expect(truth.saasSubscriptionStatus).not.toBe('Unsubscribed');
  }

  const done = truth.operations.filter(({ status }) => status === 'Succeeded');
  expect(truth.planId).toBe(done.findLast(({ action }) => action === 'ChangePlan')?.planId ?? 'a');
  expect(truth.quantity).toBe(done.findLast(({ action }) => action === 'ChangeQuantity')?.quantity ?? 1);
  if (done.some(({ action }) => action === 'Unsubscribe')) expect(truth.saasSubscriptionStatus).toBe('Unsubscribed');

  for (const operation of truth.operations) {
    expect(operation.settledBy === null).toBe(isOpen(operation));
    if (refused.has(operation.id) && isChange(operation) && operation.status === 'Succeeded') expect(operation.settledBy).toBe('publisher');
  }
  for (const operation of before.operations.filter((earlier) => !isOpen(earlier)))
    expect(truth.operations.find(({ id }) => id === operation.id)).toEqual({ ...operation, webhookWaits: expect.any(Boolean) }); // settled once, and never again
  const kept = truth.operations.map(({ id }) => id);
  expect(kept.slice(0, before.operations.length)).toEqual(before.operations.map(({ id }) => id));
}

const isAsked = ({ do: what }: Act) => what === 'publisher changes' || what === 'customer changes' || what === 'delete';

it('no update is lost, and none is settled twice, however changes of both sides, answers, payments and time interleave', async () => {
  const run = async (steps: (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
    refused = new Set();
    publisher.answer = () => 200;
    const id = await publisher.buy({ offerId: 'race', planId: 'a' });
    let before = await truthOf(id);
    for (const next of steps) {
      if ('atOnce' in next) {
        const accepted = await Promise.all(next.atOnce.map((wanted) => perform(id, wanted)));
        const isAcknowledged = next.atOnce.some(({ do: what }) => what === 'acknowledge' || what === 'suspend' || what === 'reinstate');
        const begun = next.atOnce.filter((wanted, at) => accepted[at] && isAsked(wanted));
        if (!isAcknowledged && before.pendingOperationId === null) expect(begun.length).toBeLessThanOrEqual(1);
      } else {
        publisher.answer = ({ id: operationId }) => {
          if (next.answer === 400) refused.add(operationId);
          return next.answer;
        };
        await publisher.control('POST', '/clock/advance', { duration: next.duration, restMs: 0 });
      }
      const after = await truthOf(id);
      expectNothingLost(after, before);
      before = after;
    }
    publisher.answer = () => 200;
    await publisher.control('POST', '/clock/advance', { duration: 'PT5M', restMs: 0 });
    const end = await truthOf(id);
    expectNothingLost(end, before);
    expect(end.operations.filter(isOpen)).toEqual([]);
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), run), {
    numRuns: 15,
    endOnFailure: true,
    interruptAfterTimeLimit: 8_000,
  });
});

it('of changes asked for one after the other within the ten seconds the first one holds, and after them the last one', async () => {
  publisher.answer = () => 200;
  const id = await publisher.buy({ offerId: 'race', planId: 'a' });
  const answers: number[] = [];
  for (const quantity of [2, 3, 4]) answers.push((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity })).status);
  expect(answers).toEqual([202, 400, 400]);
  await publisher.control('POST', '/clock/advance', { duration: 'PT1M' });
  expect(await truthOf(id)).toMatchObject({ quantity: 2, pendingOperationId: null });
  expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 4 })).status).toBe(202);
  await publisher.control('POST', '/clock/advance', { duration: 'PT1M' });
  expect(await truthOf(id)).toMatchObject({ quantity: 4, pendingOperationId: null });
});
