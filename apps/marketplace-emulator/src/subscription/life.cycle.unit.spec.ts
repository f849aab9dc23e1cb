import { limits } from '../limits';
import type { Billing } from '../operation/billing';
import type { Operation } from '../operation/operation';
import { OperationRepository } from '../operation/operation.repository';
import { SettingsRepository, type StoredSettings } from '../settings/settings.repository';
import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';
import { Clock } from '../time/clock';
import { Scheduler, type Timer } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { LifeCycle } from './life.cycle';
import type { Subscription } from './subscription';
import { SubscriptionRepository } from './subscription.repository';
import { beginTerm, endOf, type Term } from './term';

jest.useFakeTimers();

it('waits, and misses nothing, while as many webhooks wait as may', () => {
  const store = new DocumentStore(noJournal);
  const clock = new Clock();
  const scheduler = new Scheduler(
    store.collection<Timer>('timer'),
    clock,
    (work) => store.atomically(work),
    (error) => {
      throw error;
    },
  );
  const subscriptions = new SubscriptionRepository(store.collection<Subscription>('subscription'), clock);
  const renewedAtMs: number[] = [];
  const billing: Pick<Billing, 'renew'> = {
    renew: (subscription) => {
      renewedAtMs.push(clock.now());
      subscriptions.put({ ...subscription, status: 'Unsubscribed' });
      return { refused: 'busy', message: '' };
    },
  };
  let isFull = true;
  const operations = new OperationRepository(store.collection<Operation>('operation'), clock);
  const settings = new SettingsRepository(store.collection<StoredSettings>('settings'), {});
  const webhooks: Pick<WebhookQueue, 'isFull'> = { isFull: () => isFull };
  new LifeCycle(subscriptions, operations, webhooks, settings, scheduler, clock, billing as Billing);
  scheduler.start();
  const started = beginTerm(clock.now(), { termUnit: 'P1M', isFreeTrial: false });
  subscriptions.put({ id: 'id', position: 0, status: 'Subscribed', autoRenew: true, ...started } as Subscription);

  const endMs = endOf(started.term as Term);
  jest.advanceTimersByTime(endMs - Date.now() + 90_000);
  expect(renewedAtMs).toEqual([]);
  isFull = false;
  jest.advanceTimersByTime(limits.fullQueueWaitMs);
  expect(renewedAtMs).toEqual([endMs + 2 * limits.fullQueueWaitMs]);
});
