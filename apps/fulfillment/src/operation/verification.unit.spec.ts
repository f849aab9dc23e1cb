import type { OperationStatus, Snapshot } from '@landfall/contracts';
import { aSnapshot } from '@landfall/testing';
import { anOperationReading, aWebhook, anOperation, operationId, someFacts, subscriptionId } from '../testing/samples';
import type { OperationReading } from '../microsoft/microsoft.readings';
import { VERIFICATION_LIMIT_MS, verify, type WebhookFacts } from './verification.domain';

/** What a decision comes to, in a word for the table. */
function outcomeOf(action: string, facts: Partial<WebhookFacts>, webhook: Parameters<typeof aWebhook>[0] = {}): string {
  const outcome = verify(undefined, aWebhook({ action, ...webhook }), someFacts(facts));
  if (outcome.kind !== 'changed') return outcome.kind;
  return outcome.effects.map((effect) => ('type' in effect ? effect.type.split('.')[2] : effect.kind)).join(' + ');
}

const verified = 'operation-verified';
const followed = 'operation-verified + follow-operation';
const observed = 'subscription-observed';
const late = VERIFICATION_LIMIT_MS;

describe('an operation that Microsoft shows', () => {
  const settledSnapshot: Record<string, Partial<Snapshot>> = {
    ChangePlan: { planId: 'gold' },
    ChangeQuantity: { quantity: 20 },
    Renew: {},
    Suspend: { status: 'Suspended' },
    Reinstate: { status: 'Subscribed' },
    Unsubscribe: { status: 'Unsubscribed' },
    Subscribe: { status: 'Subscribed' },
    Transfer: {},
  };
  const target: Record<string, Partial<OperationReading>> = { ChangeQuantity: { planId: 'silver', quantity: 20 } };

  it.each(Object.keys(settledSnapshot))('confirms %s while it is open, and is followed to its end', (action) => {
    for (const status of ['NotStarted', 'InProgress'] as OperationStatus[]) {
      const operation = anOperationReading({ action, status, ...target[action] });
      expect(outcomeOf(action, { operation }, { quantity: operation.quantity })).toBe(followed);
    }
  });

  it.each(Object.entries(settledSnapshot))('confirms %s that has succeeded, and needs no following', (action, shown) => {
    const operation = anOperationReading({ action, status: 'Succeeded', ...target[action] });
    expect(outcomeOf(action, { operation, snapshot: aSnapshot(shown) }, { quantity: operation.quantity })).toBe(verified);
  });

  it.each(['Failed', 'Conflict'] as const)('confirms one that ended as %s: the subscription shows what holds', (status) => {
    expect(outcomeOf('ChangePlan', { operation: anOperationReading({ status }) })).toBe(verified);
  });

  it.each([
    ['ChangePlan', aSnapshot({ planId: 'silver' })],
    ['ChangeQuantity', aSnapshot({ quantity: 11 })],
    ['Suspend', aSnapshot({ status: 'Subscribed' })],
    ['Reinstate', aSnapshot({ status: 'Suspended' })],
    ['Unsubscribe', aSnapshot({ status: 'Subscribed' })],
    ['Subscribe', aSnapshot({ status: 'PendingFulfillmentStart' })],
  ])('follows a succeeded %s that the subscription does not show yet', (action, snapshot) => {
    const operation = anOperationReading({ action, status: 'Succeeded' });
    expect(outcomeOf(action, { operation, snapshot })).toBe(followed);
  });

  it('follows nothing on a subscription that has ended: no later state can show it (rule 3)', () => {
    const operation = anOperationReading({ status: 'Succeeded' });
    expect(outcomeOf('ChangePlan', { operation, snapshot: aSnapshot({ status: 'Unsubscribed' }) })).toBe(verified);
  });

  it.each<[string, string, Partial<OperationReading>, Parameters<typeof aWebhook>[0]]>([
    ['another subscription', 'ChangePlan', { subscriptionId: operationId }, {}],
    ['another action', 'ChangePlan', { action: 'ChangeQuantity' }, {}],
    ['another plan', 'ChangePlan', { planId: 'bronze' }, {}],
    ['no plan', 'ChangePlan', { planId: null }, { planId: null }],
    ['another quantity', 'ChangeQuantity', { action: 'ChangeQuantity', quantity: 21 }, { quantity: 20 }],
    ['no quantity', 'ChangeQuantity', { action: 'ChangeQuantity', quantity: null }, { quantity: 20 }],
  ])('is asked about again where it is about %s, and then the subscription alone counts (rule 5)', (_case, action, operation, webhook) => {
    const facts = { operation: anOperationReading(operation) };
    expect(outcomeOf(action, facts, webhook)).toBe('notYet');
    expect(outcomeOf(action, { ...facts, waitedMs: late - 1 }, webhook)).toBe('notYet');
    expect(outcomeOf(action, { ...facts, waitedMs: late }, webhook)).toBe(observed);
  });

  it.each<[string, string, Partial<OperationReading>, Parameters<typeof aWebhook>[0]]>([
    ['the quantity of a ChangePlan', 'ChangePlan', { quantity: 99 }, {}],
    ['the plan of a ChangeQuantity', 'ChangeQuantity', { action: 'ChangeQuantity', planId: 'other', quantity: 20 }, { quantity: 20 }],
    ['plan and quantity of a Suspend', 'Suspend', { action: 'Suspend', planId: 'other', quantity: 99 }, {}],
    ['the letter case of ids', 'ChangePlan', { subscriptionId: subscriptionId.toUpperCase() }, {}],
    ['what the payload left out', 'ChangePlan', {}, { planId: null }],
  ])('is not compared in %s (rule 1)', (_case, action, operation, webhook) => {
    expect(outcomeOf(action, { operation: anOperationReading(operation) }, webhook)).toBe(followed);
  });

  it('is never compared in the quantity of a flat-rate plan, which is null everywhere (rule 1)', () => {
    const operation = anOperationReading({ action: 'ChangeQuantity', quantity: 1 });
    const outcome = verify(
      undefined,
      aWebhook({ action: 'ChangeQuantity', quantity: 5 }),
      someFacts({ operation, snapshot: aSnapshot({ quantity: null }) }),
    );
    expect(outcome).toMatchObject({ kind: 'changed', effects: [{ data: { quantity: null } }, {}] });
  });
});

describe('an operation that Microsoft does not show', () => {
  const invisible = { operation: null };

  it.each<[string, Snapshot['status'], string]>([
    ['Suspend', 'Suspended', verified],
    ['Unsubscribe', 'Unsubscribed', verified],
    ['Subscribe', 'Subscribed', verified],
    ['Subscribe', 'Suspended', verified],
    ['Renew', 'Subscribed', verified],
    ['Transfer', 'Subscribed', verified],
    ['Suspend', 'Subscribed', 'notYet'],
    ['Unsubscribe', 'Subscribed', 'notYet'],
    ['Subscribe', 'PendingFulfillmentStart', 'notYet'],
    ['ChangePlan', 'Subscribed', 'notYet'],
    ['ChangeQuantity', 'Subscribed', 'notYet'],
    ['Reinstate', 'Suspended', 'notYet'],
    ['Reinstate', 'Subscribed', 'notYet'],
  ])('%s of a subscription that is %s: %s', (action, status, expected) => {
    const facts = { ...invisible, snapshot: aSnapshot({ status }) };
    expect(outcomeOf(action, facts)).toBe(expected);
    expect(outcomeOf(action, { ...facts, waitedMs: late })).toBe(expected === 'notYet' ? observed : expected);
  });

  it.each(['ChangePlan', 'ChangeQuantity', 'Reinstate', 'Suspend', 'Subscribe'])(
    'does not make %s wait on a subscription that has ended: its end must not be held up (rule 3)',
    (action) => {
      expect(outcomeOf(action, { ...invisible, snapshot: aSnapshot({ status: 'Unsubscribed' }) })).toBe(observed);
    },
  );

  it('leaves no operation status on what the subscription alone proved', () => {
    const snapshot = aSnapshot({ status: 'Suspended' });
    const outcome = verify(undefined, aWebhook({ action: 'Suspend' }), someFacts({ operation: null, snapshot }));
    expect(outcome).toMatchObject({
      kind: 'changed',
      state: { operationStatus: null, settled: null },
      effects: [{ data: { operationStatus: null } }],
    });
  });
});

describe('what is published of a verified operation', () => {
  it('is what was read, not what was sent (rule 1)', () => {
    const outcome = verify(undefined, aWebhook({ planId: null, source: null, quantity: 99 }), someFacts());
    expect(outcome).toMatchObject({
      kind: 'changed',
      effects: [
        {
          type: 'landfall.fulfillment.operation-verified.v1',
          key: subscriptionId,
          data: {
            planId: 'gold',
            quantity: 10,
            source: 'Azure',
            operationStatus: 'InProgress',
            readAt: '2026-03-01T12:00:00.100Z',
            snapshot: aSnapshot(),
          },
        },
        { kind: 'follow-operation', key: `operation:${operationId}`, runAt: '2026-03-01T12:00:07.000Z' },
      ],
    });
  });

  it('takes the source from the payload where the operation does not name it', () => {
    const outcome = verify(undefined, aWebhook({ source: 'Partner' }), someFacts({ operation: anOperationReading({ source: null }) }));
    expect(outcome).toMatchObject({ state: { source: 'Partner' } });
  });

  it('is published once, however often Microsoft delivers the webhook (rule 4)', () => {
    expect(verify(anOperation(), aWebhook(), someFacts()).kind).toBe('ignored');
  });

  it('is still published when an earlier delivery could not be verified', () => {
    expect(verify(anOperation({ verification: 'unverifiable' }), aWebhook(), someFacts()).kind).toBe('changed');
  });
});
