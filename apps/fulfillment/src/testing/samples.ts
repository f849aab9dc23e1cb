import { webhookReceived, type DataOf, type MessageOf } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import type { OperationReading } from '../microsoft/microsoft.readings';
import type { Operation } from '../operation/operation';
import type { WebhookFacts } from '../operation/verification.domain';

export const { subscriptionId } = aSnapshot();
export const operationId = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
export const receivedAt = '2026-03-01T12:00:00.000Z';

export const anOperationReading = (differing: Partial<OperationReading> = {}): OperationReading => ({
  subscriptionId,
  action: 'ChangePlan',
  status: 'InProgress',
  source: 'Azure',
  planId: 'gold',
  quantity: 10,
  requestedAt: '2026-03-01T11:59:58.000Z',
  ...differing,
});

export const someFacts = (differing: Partial<WebhookFacts> = {}): WebhookFacts => ({
  operation: anOperationReading(),
  snapshot: aSnapshot(),
  readAt: '2026-03-01T12:00:00.100Z',
  waitedMs: 0,
  ...differing,
});

/** A webhook that asks for the plan `gold`. */
export const aWebhook = (differing: Partial<DataOf<typeof webhookReceived>> = {}): MessageOf<typeof webhookReceived> => {
  const data = {
    deliveryId: 'b2c1d0e9-0001-4a5b-8c7d-000000000001',
    ...{ subscriptionId, operationId, action: 'ChangePlan', source: 'Azure', planId: 'gold', quantity: 10 },
    ...{ receivedAt, deadline: '2026-03-01T12:00:10.000Z' },
    ...differing,
  };
  return aMessage(webhookReceived(data), { time: receivedAt });
};

/** An open change to `gold` that was verified and awaits decision and answer. */
export const anOperation = (differing: Partial<Operation> = {}): Operation => ({
  ...{ subscriptionId, operationId, action: 'ChangePlan', source: 'Azure', operationStatus: 'InProgress', planId: 'gold', quantity: 10 },
  ...{ receivedAt, acknowledgeBy: '2026-03-01T12:00:07.000Z', verification: 'verified', verifiedAt: '2026-03-01T12:00:00.100Z' },
  ...{ verdict: null, answeredAt: null, settled: null, effectMissingSince: null },
  ...differing,
});
