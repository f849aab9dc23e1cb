import {
  DEFAULT_REGISTRATION,
  webhookReceived,
  webhookUnreadable,
  type DataOf,
  type MessageOf,
  type SubscriptionRead,
} from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import type { OperationAnswer, OperationReading } from '../microsoft/microsoft.readings';
import type { Seen } from '../operation/look.domain';
import type { Pace } from '../operation/look.schedule';
import { newOperation, type Operation } from '../operation/operation';

export const { subscriptionId } = aSnapshot();
export const operationId = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
export const deliveryId = 'b2c1d0e9-0001-4a5b-8c7d-000000000001';
export const receivedAt = '2026-03-01T12:00:00.000Z';
/** Microsoft's clock: when the sample operation began, and when it is read. */
export const timeStamp = '2026-03-01T11:59:58.000Z';
export const date = '2026-03-01T12:00:01.000Z';

export const pace: Pace = { copyLagMs: 150_000, pollMs: 2_000 };

export const anOperationReading = (differing: Partial<OperationReading> = {}): OperationReading => ({
  ...{ subscriptionId, action: 'ChangePlan', status: 'InProgress', source: 'Azure', planId: 'gold', quantity: null, timeStamp },
  ...differing,
});

export const unanswered: OperationAnswer = { kind: 'unanswered' };
export const notShown: OperationAnswer = { kind: 'not-shown', date };
export const shown = (differing: Partial<OperationReading> & { date?: string } = {}): OperationAnswer => ({
  ...{ kind: 'shown', date },
  ...anOperationReading(),
  ...differing,
});

let lastReadNo = 1_000_000_000_000;
export const aRead = (differing: Partial<SubscriptionRead['snapshot']> = {}): SubscriptionRead => ({
  ...{ snapshot: { ...aSnapshot(), term: aSnapshot().term ?? undefined, ...differing }, readNo: ++lastReadNo, date },
});

/** Microsoft shows the open operation, and the subscription as it was. */
export const seen = (differing: Partial<Seen> = {}): Seen => ({ operation: shown(), read: aRead(), ...differing });

/** A webhook that asks for the plan `gold`. */
export const aWebhook = (differing: Partial<DataOf<typeof webhookReceived>> = {}): MessageOf<typeof webhookReceived> => {
  const data = {
    ...{
      deliveryId,
      registration: DEFAULT_REGISTRATION,
      subscriptionId,
      operationId,
      action: 'ChangePlan',
      source: 'Azure',
      planId: 'gold',
      quantity: 10,
    },
    ...{ timeStamp, isRevert: false, receivedAt },
    ...differing,
  };
  return aMessage(webhookReceived(data), { time: receivedAt });
};

/** The same without an operation that could be asked for. */
export const anUnreadableWebhook = (differing: Partial<DataOf<typeof webhookUnreadable>> = {}): MessageOf<typeof webhookUnreadable> => {
  const data = {
    ...{
      deliveryId,
      registration: DEFAULT_REGISTRATION,
      subscriptionId,
      action: 'ChangePlan',
      source: 'Azure',
      planId: 'gold',
      quantity: 10,
    },
    ...{ timeStamp, isRevert: false, receivedAt },
    ...differing,
  };
  return aMessage(webhookUnreadable(data), { time: receivedAt });
};

/** A change to `gold` that was announced, and that Microsoft has not shown yet. */
export const anOperation = (differing: Partial<Operation> = {}): Operation => ({
  ...newOperation({
    ...{
      subscriptionId,
      operationId,
      registration: DEFAULT_REGISTRATION,
      action: 'ChangePlan',
      isUnnamed: false,
      source: 'Azure',
      planId: 'gold',
      quantity: null,
    },
    ...{ timeStamp, isRevert: false, receivedAt },
  }),
  ...differing,
});

/** The same, shown and open: it awaits decision and answer. */
export const anOpenOperation = (differing: Partial<Operation> = {}): Operation =>
  anOperation({
    status: 'InProgress',
    ageMs: 1_000,
    receivedMs: 1_000,
    shownMs: 1_000,
    operationDate: date,
    seenOpenAt: date,
    ...differing,
  });
