import type { ShownSnapshot } from '@landfall/contracts';
import type { CallAttempt } from '../microsoft/call';
import { decideAfterRefusal, decideChange, type FollowedOperation, type OutstandingOperation } from './change.domain';
import type { RequestedOfUs } from './change.job';

const subscriptionId = '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01';
const toGold: RequestedOfUs = { subscriptionId, requestId: subscriptionId, action: 'ChangePlan', planId: 'gold', quantity: null };
const cancellation: RequestedOfUs = { ...toGold, action: 'Unsubscribe', planId: null };
/** Microsoft's clock at every read of this spec. */
const date = '2026-01-01T12:00:00.000Z';
const secondsBefore = (seconds: number) => new Date(Date.parse(date) - seconds * 1_000).toISOString();

const open = (changes: Partial<OutstandingOperation> = {}): OutstandingOperation => ({
  ...{ subscriptionId, operationId: '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02', action: 'ChangePlan', status: 'InProgress', source: 'Partner' },
  ...{ planId: 'gold', quantity: null, timeStamp: secondsBefore(2) },
  ...changes,
});
const known = (
  settled: FollowedOperation['settled'],
  secondsAgo: number,
  changes: Partial<OutstandingOperation> = {},
): FollowedOperation => ({
  ...open({ timeStamp: secondsBefore(secondsAgo + 10), ...changes }),
  ...{ settled, operationDate: secondsBefore(secondsAgo) },
});
const sent = (seconds: number, status: number | null): CallAttempt => ({ agoMs: seconds * 1_000, status });

interface Known {
  readonly requested?: RequestedOfUs;
  readonly shown?: Partial<ShownSnapshot>;
  readonly outstanding?: OutstandingOperation[];
  readonly followed?: FollowedOperation[];
  readonly attempts?: CallAttempt[];
  readonly isTooLate?: boolean;
  readonly mayBeOld?: boolean;
}
const decide = ({
  requested = toGold,
  shown = {},
  outstanding = [],
  followed = [],
  attempts = [],
  isTooLate = false,
  mayBeOld = false,
}: Known) =>
  decideChange({
    ...{ requested, outstanding, followed, attempts, isTooLate, mayBeOld },
    read: { snapshot: { subscriptionId, status: 'Subscribed', planId: 'silver', quantity: 10, ...shown }, readNo: 7, date },
  });

it.each([toGold, cancellation])('never calls for $action of what a reseller sold (rule 10)', (requested) => {
  expect(decide({ requested, shown: { allowedCustomerOperations: ['Read'] } })).toMatchObject({ next: 'fail', outcome: 'failed' });
  expect(decide({ requested, shown: { allowedCustomerOperations: [] } })).toEqual({ next: 'call' });
});

const lock = open({ source: 'Azure', planId: 'bronze' });
it.each<[string, Known, string]>([
  ['calls', {}, 'call'],
  ['cancels what is suspended', { requested: cancellation, shown: { status: 'Suspended' } }, 'call'],
  ['waits while a copy shows it suspended', { shown: { status: 'Suspended' } }, 'wait'],
  ['waits while its status is not said', { shown: { status: undefined } }, 'wait'],
  ['ends with the subscription (rule 3)', { shown: { status: 'Unsubscribed' }, attempts: [sent(1, null)] }, 'publish'],
  ['waits for the lock of an open change', { outstanding: [lock] }, 'wait'],
  ['waits for the lock of an open Reinstate', { outstanding: [open({ action: 'Reinstate' })] }, 'wait'],
  ['cancels beside an open Reinstate', { requested: cancellation, outstanding: [open({ action: 'Reinstate' })] }, 'call'],
  ['waits with a cancellation for the lock of a change', { requested: cancellation, outstanding: [lock] }, 'wait'],
  ['has failed at the limit, and was surely not done', { outstanding: [lock], isTooLate: true }, 'fail'],
  [
    'does not ask for what the subscription has by now: an answer that is lost would make it look like its doing',
    { shown: { planId: 'gold' } },
    'found',
  ],
  ['nor asks again after a refusal where it has it by now', { attempts: [sent(11, 400)], shown: { planId: 'gold' } }, 'found'],
  ['believes no copy that it has it already which may be older than itself', { shown: { planId: 'gold' }, mayBeOld: true }, 'wait'],
  ['calls where even a copy that may be older does not show it', { mayBeOld: true }, 'call'],
  ['calls again after a refusal', { attempts: [sent(11, 400)] }, 'call'],
])('a request %s', (_what, known, next) => {
  expect(decide(known)).toMatchObject({ next, ...(next === 'fail' && { outcome: 'failed', reason: expect.stringContaining('locked') }) });
});

it.each<[string, Known, string]>([
  ['suspended', { shown: { status: 'Suspended' } }, 'Microsoft shows the subscription as Suspended'],
  ['of a status that was not said', { shown: { status: undefined } }, 'Microsoft does not say the status of the subscription'],
  ['locked', { outstanding: [lock] }, `locked by an open ChangePlan (operation ${lock.operationId})`],
  ['a reseller’s', { shown: { allowedCustomerOperations: ['Read'] } }, 'has no Update'],
  ['shown with it by a copy that may be old', { shown: { planId: 'gold' }, mayBeOld: true }, 'may be an old copy'],
  ['asked for too late alone', {}, 'could not be asked for within the limit'],
])('a request that has had its time names what stands against it now: it is %s (rule 10)', (_what, known, reason) => {
  expect(decide({ ...known, isTooLate: true })).toEqual({ next: 'fail', outcome: 'failed', reason: expect.stringContaining(reason) });
});

it('a request that has had its time is one that found it there, where the subscription surely has it', () => {
  expect(decide({ shown: { planId: 'gold' }, isTooLate: true })).toEqual({ next: 'found' });
});

it.each<[string, CallAttempt[], string]>([
  ['books nothing on a request that never reached Microsoft', [sent(50, 400)], 'found'],
  ['books on a request that may have reached Microsoft what is shown', [sent(30, null)], 'request'],
])('the end of a subscription %s', (_what, attempts, occasion) => {
  expect(decide({ attempts, shown: { status: 'Unsubscribed', planId: 'gold' } })).toEqual({ next: 'publish', occasion });
});

describe('after a call of unknown outcome it asks before it calls again (rule 9), and', () => {
  const lost = [sent(30, null)];
  it.each<[string, Known, string]>([
    ['follows the open operation that began since', { attempts: lost, outstanding: [open({ timeStamp: secondsBefore(29) })] }, 'follow'],
    [
      'follows what the webhook told of, also where that has ended: it is not asked for again',
      { attempts: lost, followed: [known('Failed', 19)] },
      'follow',
    ],
    ['leaves one alone that began before it', { attempts: lost, outstanding: [open({ timeStamp: secondsBefore(40) })] }, 'wait'],
    ['leaves one alone whose beginning is not known', { attempts: lost, outstanding: [open({ timeStamp: null })] }, 'wait'],
    ['leaves the customer’s alone', { attempts: lost, outstanding: [open({ source: 'Azure' })] }, 'wait'],
    ['leaves one with another target alone', { attempts: lost, outstanding: [open({ planId: 'bronze' })] }, 'wait'],
    ['waits until it has had time to show', { attempts: [sent(19, null)] }, 'wait'],
    ['waits after a 500 too', { attempts: [sent(19, 500)] }, 'wait'],
    ['hands on that it shows', { attempts: lost, shown: { planId: 'gold' } }, 'shown'],
    ['calls again where nothing shows', { attempts: lost }, 'call'],
    ['calls again after a refused token and a lost answer where nothing shows', { attempts: [sent(31, 403), ...lost] }, 'call'],
    ['waits after a refused token for what a call with a fresh one did', { attempts: [sent(3, 403), sent(2, null)] }, 'wait'],
    ['does not call while it is suspended', { attempts: lost, shown: { status: 'Suspended' } }, 'wait'],
    ['never calls again what Microsoft has received', { attempts: [sent(3_000, 202)] }, 'wait'],
    ['is unconfirmed at the limit', { attempts: lost, isTooLate: true }, 'fail'],
  ])('%s', (_what, given, next) => {
    expect(decide(given)).toMatchObject({ next, ...(next === 'fail' && { outcome: 'unconfirmed' }) });
  });

  it.each<[string, Known, string]>([
    ['books it where nothing else can have done it', {}, 'request'],
    ['books it beside one that has failed', { followed: [known('Failed', 5, { source: 'Azure' })] }, 'request'],
    ['books it where another one did the same long ago', { followed: [known('Succeeded', 40)] }, 'request'],
    ['books it beside one with another target', { followed: [known(null, 5, { planId: 'bronze', source: 'Azure' })] }, 'request'],
    ['does not where the customer asked for the same', { followed: [known('Succeeded', 5, { source: 'Azure' })] }, 'found'],
    ['does not while the customer’s is open', { outstanding: [open({ source: 'Azure' })] }, 'found'],
    ['does not while an older request of ours for the same is followed', { followed: [known(null, 50, { timeStamp: null })] }, 'found'],
  ])('of what is shown then it %s', (_what, given, occasion) => {
    expect(decide({ attempts: lost, shown: { planId: 'gold' }, ...given })).toEqual({ next: 'shown', occasion });
  });
});

describe('a refusal', () => {
  const microsoft = { code: 'BadArgument', message: 'No such plan.' };
  it.each<[string, number, string | undefined, CallAttempt[], boolean, string]>([
    ['409 is Microsoft’s lock: wait, and retry (pitfall 22)', 409, undefined, [sent(60, 400), sent(20, 409)], false, 'wait'],
    ['400 with the code Failed is Microsoft’s lock', 400, 'Failed', [sent(60, 400)], false, 'wait'],
    ['404 may be a copy that lags', 404, undefined, [sent(60, 400)], false, 'wait'],
    ['400 is asked for once more', 400, undefined, [], false, 'wait'],
    ['400 holds the second time', 400, undefined, [sent(10, 400)], false, 'failed'],
    ['400 is no failure after a call of unknown outcome', 400, undefined, [sent(60, null), sent(20, 400)], false, 'wait'],
    ['a lock at the limit has failed', 409, undefined, [], true, 'failed'],
    ['at the limit after a call of unknown outcome nobody knows', 400, undefined, [sent(60, null)], true, 'unconfirmed'],
  ])('with %s', (_what, status, code, earlier, isLast, end) => {
    const refusal = { status, microsoft: { ...microsoft, ...(code && { code }) } };
    const expected = end === 'wait' ? { next: 'wait' } : { next: 'fail', outcome: end };
    expect(decideAfterRefusal(refusal, earlier, isLast)).toMatchObject({ ...expected, reason: expect.stringContaining('No such plan.') });
  });
});
