import { z } from 'zod';
import { instant, planOnOffer, snapshot, uuid } from './shapes';
import { defineMessage } from './message';

/** Activate the subscription at Microsoft: billing begins, so it is asked for only when the tenant really works (contract 3.4). */
export const activate = defineMessage(
  'landfall.fulfillment.activate.v1',
  z.object({ subscriptionId: uuid, planId: z.string(), quantity: z.int().positive().nullable(), version: z.int() }),
);

/** The purchase token led to a subscription (contract 3.3). */
export const purchaseResolved = defineMessage(
  'landfall.fulfillment.purchase-resolved.v1',
  z.object({
    purchaseId: uuid,
    subscriptionId: uuid,
    snapshot,
    plans: z.array(planOnOffer),
    arePlansCut: z.boolean().optional(),
    readAt: instant,
  }),
);

/** The purchase token led nowhere. The customer opens the subscription at Microsoft again and comes with a new one. */
export const purchaseUnresolved = defineMessage(
  'landfall.fulfillment.purchase-unresolved.v1',
  z.object({ purchaseId: uuid, reason: z.enum(['token-rejected', 'token-expired', 'not-found', 'not-ours', 'not-answered']) }),
  'purchaseId',
);

/** Microsoft's operation status (contract 3.10). The first two are open. */
export const operationStatus = z.enum(['NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict']);
export type OperationStatus = z.infer<typeof operationStatus>;

const operation = {
  subscriptionId: uuid,
  operationId: uuid,
  /** Open: `ChangePlan`, `ChangeQuantity`, `Renew`, `Suspend`, `Reinstate`, `Unsubscribe`, `Subscribe`, or what Microsoft adds. */
  action: z.string(),
  /** Null where the operation can't be read and only the subscription proves the change. */
  operationStatus: operationStatus.nullable(),
  /** `Azure` or `Partner` (our own request); null where Microsoft did not say. */
  source: z.string().nullable(),
  /** The target plan of `ChangePlan`, else the current one. */
  planId: z.string().nullable(),
  /** The target quantity of `ChangeQuantity`, else the current one; null for flat rate. */
  quantity: z.int().positive().nullable(),
  snapshot,
  /** Taken before the calls: the snapshot is at least as new as this. */
  readAt: instant,
};

/** An operation that Microsoft itself confirmed by Get Operation and Get Subscription (rule 1). */
export const operationVerified = defineMessage(
  'landfall.fulfillment.operation-verified.v1',
  z.object({ ...operation, requestedAt: instant.nullable(), receivedAt: instant }),
);

/** How Microsoft ended an operation. `Expired` is ours: it stayed open beyond the named limit. */
export const operationSettled = defineMessage(
  'landfall.fulfillment.operation-settled.v1',
  z.object({ ...operation, settled: z.enum(['Succeeded', 'Failed', 'Conflict', 'Expired']) }),
);

/** A subscription as read from Microsoft outside of an operation. */
export const subscriptionObserved = defineMessage(
  'landfall.fulfillment.subscription-observed.v1',
  z.object({ subscriptionId: uuid, snapshot, readAt: instant, occasion: z.enum(['activation', 'webhook', 'reconciliation']) }),
);

/** Microsoft refused the activation, or it did not take effect within the named limit (rule 10). An operator sees it. */
export const activationFailed = defineMessage(
  'landfall.fulfillment.activation-failed.v1',
  z.object({ subscriptionId: uuid, reason: z.string(), failedAt: instant }),
);
