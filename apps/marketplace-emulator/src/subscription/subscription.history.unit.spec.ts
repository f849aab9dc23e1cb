import { limits } from '../limits';
import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';
import { Clock } from '../time/clock';
import type { Subscription } from './subscription';
import { stretchAt, SubscriptionHistory, type StoredHistory } from './subscription.history';
import { SubscriptionRepository } from './subscription.repository';
import { termFrom } from './term';

class SetClock extends Clock {
  atMs = Date.parse('2024-01-14T10:00:00Z');
  override now(): number {
    return this.atMs;
  }
}

let clock: SetClock;
let subscriptions: SubscriptionRepository;
let history: SubscriptionHistory;
let subscription: Subscription;

beforeEach(() => {
  const store = new DocumentStore(noJournal);
  clock = new SetClock();
  subscriptions = new SubscriptionRepository(store.collection<Subscription>('subscription'), clock);
  history = new SubscriptionHistory(store.collection<StoredHistory>('history'), clock, subscriptions);
  subscription = subscriptions.put({
    id: 'b8d6908b-0058-413a-cd62-000000000001',
    position: 0,
    name: 'Fabrikam',
    offerId: 'reach',
    planId: 'base',
    quantity: null,
    status: 'PendingFulfillmentStart',
    termUnit: 'P1M',
    term: null,
    autoRenew: true,
    isFreeTrial: false,
    channel: 'direct',
    beneficiaryId: '',
    purchaserId: '',
    created: clock.timeStamp(),
    lastModified: clock.timeStamp(),
    activateCalls: 0,
    pendingOperationId: null,
  });
});

/** Time passes, then something changes. */
function later(change: Partial<Subscription>, minutes = 10): void {
  clock.atMs += minutes * 60_000;
  subscription = subscriptions.put({ ...subscription, ...change });
}

const activated: Partial<Subscription> = { status: 'Subscribed', term: termFrom(Date.parse('2024-01-14'), 'P1M') };

it('has nothing of a purchase that was never active', () => {
  later({ activateCalls: 1 });
  later({ status: 'Unsubscribed' });
  expect(history.of(subscription)).toEqual([]);
});

it('begins with the activation, and has one stretch for each change of state, plan, seats or term', () => {
  later(activated);
  later({ pendingOperationId: 'x', name: 'Fabrikam Ltd', autoRenew: false });
  later({ planId: 'plus', pendingOperationId: null });
  later({ quantity: 5 });
  later({ term: termFrom(Date.parse('2024-02-14'), 'P1M') });
  later({ status: 'Suspended' });
  later({ status: 'Unsubscribed' });
  expect(
    history
      .of(subscription)
      .map(({ fromMs, status, planId, quantity }) => [(fromMs - Date.parse('2024-01-14T10:00Z')) / 60_000, status, planId, quantity]),
  ).toEqual([
    [10, 'Subscribed', 'base', null],
    [30, 'Subscribed', 'plus', null],
    [40, 'Subscribed', 'plus', 5],
    [50, 'Subscribed', 'plus', 5],
    [60, 'Suspended', 'plus', 5],
    [70, 'Unsubscribed', 'plus', 5],
  ]);
});

it('knows to the millisecond what was when, and counts what was before the activation to the first stretch', () => {
  later(activated);
  later({ planId: 'plus' });
  const changedAtMs = clock.atMs;
  const planAt = (atMs: number) => stretchAt(history.of(subscription), atMs)?.planId;
  expect([changedAtMs - 1, changedAtMs, changedAtMs + 86_400_000, 0].map(planAt)).toEqual(['base', 'plus', 'plus', 'base']);
  expect(stretchAt([], changedAtMs)).toBeUndefined();
});

it('drops the oldest stretches, and marks the history as cut', () => {
  later(activated);
  for (let change = 0; change < limits.keptStretchesPerSubscription; change++) {
    expect(history.isCut(subscription)).toBe(false);
    later({ planId: change % 2 ? 'base' : 'plus' });
  }
  expect(history.of(subscription)).toHaveLength(limits.keptStretchesPerSubscription);
  expect(history.isCut(subscription)).toBe(true);
});
