import type { Action, Operation } from '../../operation/operation';
import { verdictOn } from './delivery.verdict';

const inTime = 100;
const tooLate = 20_000;
const autoAcceptMs = 10_000;

function operation(action: Action, change: Partial<Operation> = {}): Operation {
  const isFact = !['ChangePlan', 'ChangeQuantity', 'Reinstate'].includes(action);
  return { action, status: isFact ? 'Succeeded' : 'InProgress', settledBy: isFact ? 'microsoft' : null, ...change } as Operation;
}

it.each<[Action, number | null, number, string]>([
  ['ChangePlan', 200, inTime, 'received'],
  ['ChangePlan', 204, inTime, 'received'],
  ['ChangePlan', 400, inTime, 'refused'],
  ['ChangePlan', 401, inTime, 'refused'],
  ['ChangePlan', 429, inTime, 'refused'],
  ['ChangePlan', 400, tooLate, 'received'],
  ['ChangePlan', 302, inTime, 'failed'],
  ['ChangePlan', 500, inTime, 'failed'],
  ['ChangePlan', null, tooLate, 'failed'],
  ['ChangeQuantity', 400, inTime, 'refused'],
  ['ChangeQuantity', 503, inTime, 'failed'],
  ['Reinstate', 400, inTime, 'received'],
  ['Reinstate', 500, inTime, 'failed'],
  ['Suspend', 200, inTime, 'received'],
  ['Suspend', 400, inTime, 'failed'],
  ['Renew', 404, inTime, 'failed'],
  ['Unsubscribe', 500, inTime, 'failed'],
  ['Subscribe', null, tooLate, 'failed'],
])('takes %s answered by %s after %i ms as %s', (action, status, tookMs, verdict) => {
  expect(verdictOn(operation(action), status === null ? null : { status, body: '' }, tookMs, autoAcceptMs)).toBe(verdict);
});

it('asks no more for an operation that the publisher settled by PATCH while its answer was on the way', () => {
  const settled = operation('ChangePlan', { status: 'Succeeded', settledBy: 'publisher' });
  for (const status of [400, 500]) expect(verdictOn(settled, { status, body: '' }, inTime, autoAcceptMs)).toBe('received');
});
