import {
  aCall,
  aDelivery,
  after,
  anOperation,
  aSubscription,
  findings,
  startMs,
  stateBefore,
  subscriptionId,
} from '../../../testing/facts';
import type { Operation } from '../../../operation/operation';
import { usageAfterEnd, usageBeforeActivation, usageOfSuspension } from './life.rules';

const hourMs = 3_600_000;
const at = (atMs: number) => new Date(atMs).toISOString();
const reported = (seconds: number, effectiveAtMs: number) =>
  aCall(seconds, {
    route: 'postUsageEvent',
    method: 'POST',
    body: { resourceId: subscriptionId, quantity: 5, dimension: 'emails', effectiveStartTime: at(effectiveAtMs), planId: 'base' },
    answer: { status: 'Accepted' },
  });
const told = (seconds: number, action: Operation['action'], atMs: number) =>
  aDelivery(seconds, { action, requestBody: {} as never }, anOperation({ action, timeStamp: at(atMs) }));

describe('usage of before the activation', () => {
  const activate = (seconds: number, status: 'PendingFulfillmentStart' | 'Subscribed') =>
    aCall(seconds, {
      route: 'activateSubscription',
      method: 'POST',
      subscriptionId,
      before: stateBefore({ subscription: aSubscription({ status }) }),
    });

  it('is a breach, the hour of the activation included where it begins before that', () => {
    const activated = activate(1_800, 'PendingFulfillmentStart');
    expect(findings(usageBeforeActivation, [activated, reported(4_000, startMs)])).toMatchObject([{ subscriptionId }]);
    expect(findings(usageBeforeActivation, [activated, reported(4_000, after(1_800))])).toEqual([]);
  });

  it('is none a moment before, of what Microsoft activates itself, and after another Activate', () => {
    expect(findings(usageBeforeActivation, [activate(60, 'PendingFulfillmentStart'), reported(4_000, startMs)])).toEqual([]);
    expect(findings(usageBeforeActivation, [reported(4_000, startMs)])).toEqual([]);
    expect(findings(usageBeforeActivation, [activate(1_800, 'Subscribed'), reported(4_000, startMs)])).toEqual([]);
  });
});

describe('usage of after the end', () => {
  it('is a breach where the publisher has been told the end', () => {
    expect(findings(usageAfterEnd, [told(10, 'Unsubscribe', startMs), reported(4_000, startMs + hourMs)])).toHaveLength(1);
  });

  it('is none of before it, none where it was just told, and none where it was not', () => {
    expect(findings(usageAfterEnd, [told(10, 'Unsubscribe', startMs), reported(4_000, startMs - hourMs)])).toEqual([]);
    expect(findings(usageAfterEnd, [told(10, 'Unsubscribe', startMs - hourMs), reported(12, startMs)])).toEqual([]);
    expect(findings(usageAfterEnd, [reported(4_000, startMs + hourMs)])).toEqual([]);
  });
});

describe('usage of a suspension', () => {
  const suspended = told(10, 'Suspend', startMs);
  const reinstated = told(7_300, 'Reinstate', startMs + 2 * hourMs);

  it('is a breach when it comes after the reinstatement, too', () => {
    expect(findings(usageOfSuspension, [suspended, reinstated, reported(8_000, startMs + hourMs)])).toHaveLength(1);
  });

  it('is none of before and after it, also in the hours in which it began and ended', () => {
    for (const effectiveAtMs of [startMs - 60_000, startMs, startMs + 2 * hourMs])
      expect(findings(usageOfSuspension, [suspended, reinstated, reported(8_000, effectiveAtMs)])).toEqual([]);
    expect(findings(usageOfSuspension, [reinstated, reported(8_000, startMs + hourMs)])).toEqual([]);
  });
});
