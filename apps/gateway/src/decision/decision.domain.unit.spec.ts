import { operationDecided, operationSettled, operationVerified, type Message, type MessageOf } from '@landfall/contracts';
import { concernsAnswers, recordEndAtFirstLook, recordSettlement, recordVerdict, showsEndOfChange } from './decision.domain';

const actions = ['ChangePlan', 'ChangeQuantity', 'Suspend', 'Reinstate', 'Unsubscribe', 'Renew', 'SomethingNew'];
const statuses = ['NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict'];
const about = (action: string, more: object = {}) => {
  const data = { registration: 'r', subscriptionId: 's', operationId: 'o', action, ...more };
  return { data } as unknown as Message as never;
};

describe('a message is of interest exactly where its decision changes something, whatever is known:', () => {
  it.each(actions)('a verdict about %s', (action) => {
    const message: MessageOf<typeof operationDecided> = about(action, { verdict: 'accepted', reason: null });
    expect(concernsAnswers(message)).toBe(recordVerdict(undefined, message).kind === 'changed');
  });

  it.each(actions)('the end of %s', (action) => {
    const message: MessageOf<typeof operationSettled> = about(action, { settled: 'Succeeded' });
    expect(concernsAnswers(message)).toBe(recordSettlement(undefined, message).kind === 'changed');
  });

  it.each(actions.flatMap((action) => statuses.map((status) => [action, status])))('a first look at %s that is %s', (action, status) => {
    const message: MessageOf<typeof operationVerified> = about(action, { operationStatus: status });
    expect(showsEndOfChange(message)).toBe(recordEndAtFirstLook(undefined, message).kind === 'changed');
  });
});
