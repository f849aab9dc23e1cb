import { webhookReceived, type DataOf, type Message, type MessageOf, type Snapshot } from '@landfall/contracts';
import type { Facts, Operation, SeenOperation } from '../operation/operation';

export const subscriptionId = '37f9dea2-4345-438f-b0bd-03d40d28c7e0';
export const operationId = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
export const receivedAt = '2026-03-01T12:00:00.000Z';

/** A subscription with ten seats of `silver`, as Microsoft shows it. */
export const aSnapshot = (differing: Partial<Snapshot> = {}): Snapshot => ({
  subscriptionId,
  publisherId: 'contoso',
  offerId: 'contoso-saas',
  isPreview: false,
  planId: 'silver',
  quantity: 10,
  status: 'Subscribed',
  term: { termUnit: 'P1M', startDate: '2026-02-14', endDate: '2026-03-13', chargeDuration: null },
  autoRenew: true,
  isFreeTrial: false,
  allowedCustomerOperations: ['Delete', 'Read', 'Update'],
  privateOfferId: null,
  purchasedAt: '2026-02-14T00:07:14.962Z',
  beneficiary: { tenantId: '22222222-2222-2222-2222-222222222222', objectId: '11111111-1111-1111-1111-111111111111' },
  purchaser: { tenantId: '22222222-2222-2222-2222-222222222222', objectId: '11111111-1111-1111-1111-111111111111' },
  ...differing,
});

export const aSeenOperation = (differing: Partial<SeenOperation> = {}): SeenOperation => ({
  subscriptionId,
  action: 'ChangePlan',
  status: 'InProgress',
  source: 'Azure',
  planId: 'gold',
  quantity: 10,
  requestedAt: '2026-03-01T11:59:58.000Z',
  ...differing,
});

export const someFacts = (differing: Partial<Facts> = {}): Facts => ({
  operation: aSeenOperation(),
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
  return anEnvelope(webhookReceived(data)) as MessageOf<typeof webhookReceived>;
};

export const anEnvelope = (draft: { type: string; key: string; data: unknown }): Message => ({
  ...draft,
  id: 'b2c1d0e9-0002-4a5b-8c7d-000000000002',
  source: 'landfall/test',
  time: receivedAt,
  epoch: 1,
  correlationId: 'b2c1d0e9-0003-4a5b-8c7d-000000000003',
});

/** An open change to `gold` that was verified and awaits decision and answer. */
export const anOperation = (differing: Partial<Operation> = {}): Operation => ({
  ...{ subscriptionId, operationId, action: 'ChangePlan', source: 'Azure', operationStatus: 'InProgress', planId: 'gold', quantity: 10 },
  ...{ receivedAt, acknowledgeBy: '2026-03-01T12:00:07.000Z', verification: 'verified', verifiedAt: '2026-03-01T12:00:00.100Z' },
  ...{ verdict: null, answeredAt: null, settled: null },
  ...differing,
});
