import * as billing from '../usage/billing.messages';
import * as fulfillment from '../fulfillment.messages';
import * as gateway from '../gateway.messages';
import { defineTopic, type Topic } from '../message';
import * as metering from '../usage/metering.messages';
import * as provisioning from '../provisioning.messages';
import * as subscription from '../subscription.messages';

/**
 * How long Kafka keeps the messages of a topic that is not compacted. What a service remembers of them (what it has handled, what it has sent) is kept
 * longer: a message that can still be delivered must still be known.
 */
export const topicRetentionDays = 30;

/** Written by gateway. */
export const gatewayEvents = defineTopic(
  'landfall.gateway.events.v1',
  [
    gateway.purchaseOpened,
    gateway.purchaseConfirmed,
    gateway.webhookReceived,
    gateway.webhookUnreadable,
    gateway.webhookAnswered,
    gateway.gatewayContactErased,
  ],
  { isFromOutside: true, writers: ['gateway'], readers: ['fulfillment', 'subscription'] },
);

/** Written by subscription: what is to be done at Microsoft. */
export const fulfillmentCommands = defineTopic(
  'landfall.fulfillment.commands.v1',
  [fulfillment.activate, fulfillment.cancelSubscription, fulfillment.changeSubscription, fulfillment.readSubscription],
  { writers: ['subscription'], readers: ['fulfillment'] },
);

/** Written by fulfillment: what Microsoft said. */
export const fulfillmentEvents = defineTopic(
  'landfall.fulfillment.events.v1',
  [
    fulfillment.purchaseResolved,
    fulfillment.purchaseUnresolved,
    fulfillment.operationAnnounced,
    fulfillment.operationVerified,
    fulfillment.operationSettled,
    fulfillment.subscriptionObserved,
    fulfillment.differenceFound,
    fulfillment.differenceEnded,
    fulfillment.activationFailed,
    fulfillment.cancellationFailed,
    fulfillment.changeFailed,
    fulfillment.fulfillmentContactErased,
  ],
  { writers: ['fulfillment'], readers: ['subscription', 'gateway'] },
);

/** Written by subscription: what the other services are to do. */
export const subscriptionDecisions = defineTopic(
  'landfall.subscription.decisions.v1',
  [
    subscription.purchaseRegistered,
    subscription.provisioningRequested,
    subscription.operationDecided,
    subscription.subscriptionContactErased,
  ],
  { writers: ['subscription'], readers: ['gateway', 'fulfillment', 'provisioning'] },
);

/** Written by subscription, read by every product. */
export const subscriptionEvents = defineTopic(
  'landfall.subscription.events.v1',
  [
    subscription.subscriptionPurchased,
    subscription.subscriptionConfirmed,
    subscription.subscriptionProvisioned,
    subscription.subscriptionActivated,
    subscription.subscriptionPlanChanged,
    subscription.subscriptionQuantityChanged,
    subscription.subscriptionChangeRequested,
    subscription.subscriptionChangeFailed,
    subscription.subscriptionChangeRefused,
    subscription.subscriptionRenewed,
    subscription.subscriptionSuspended,
    subscription.subscriptionReinstated,
    subscription.subscriptionUnsubscribed,
    subscription.subscriptionCancellationRequested,
    subscription.subscriptionCancellationFailed,
    subscription.subscriptionUpdated,
    subscription.subscriptionDeadlineNear,
  ],
  { isPublic: true, writers: ['subscription'], readers: ['gateway', 'provisioning', 'billing'] },
);

/** Written by subscription: the newest state of every subscription, kept for ever. */
export const subscriptionSnapshots = defineTopic('landfall.subscription.snapshots.v1', [subscription.subscriptionSnapshot], {
  isPublic: true,
  isCompacted: true,
  writers: ['subscription'],
  readers: ['fulfillment', 'billing'],
});

/** Written by provisioning, read by products whose plans use the adapter `kafka`. */
export const provisioningRequests = defineTopic(
  'landfall.provisioning.requests.v1',
  [provisioning.tenantRequested, provisioning.tenantReleaseRequested],
  { isPublic: true, writers: ['provisioning'] },
);

/** Written by products. */
export const provisioningReplies = defineTopic(
  'landfall.provisioning.replies.v1',
  [provisioning.tenantReady, provisioning.tenantFailed, provisioning.tenantReleased],
  { isPublic: true, readers: ['provisioning'] },
);

/** Written by provisioning. */
export const provisioningEvents = defineTopic(
  'landfall.provisioning.events.v1',
  [
    provisioning.tenantProvisioned,
    provisioning.tenantProvisioningFailed,
    provisioning.tenantTakenBack,
    provisioning.provisioningContactErased,
  ],
  { writers: ['provisioning'], readers: ['subscription'] },
);

/** Written by billing: what is to be done at Microsoft about usage. Apart from the other commands, since there is much of it, and nobody waits for it. */
export const meteringCommands = defineTopic(
  'landfall.fulfillment.metering-commands.v1',
  [metering.reportUsage, metering.readPlan, metering.checkSubscription, metering.readUsage],
  { writers: ['billing'], readers: ['fulfillment'] },
);

/** Written by fulfillment: what Microsoft said about usage. */
export const meteringEvents = defineTopic(
  'landfall.fulfillment.metering-events.v1',
  [metering.usageAnswered, metering.planRead, metering.usageRead],
  { writers: ['fulfillment'], readers: ['billing'] },
);

/** Written by products: what their customers used. */
export const usage = defineTopic('landfall.usage.v1', [billing.usageRecorded], { isPublic: true, readers: ['billing'] });

/** Written by billing, read by every product. */
export const billingEvents = defineTopic(
  'landfall.billing.events.v1',
  [billing.usageCounted, billing.usageReported, billing.usageRefused, billing.usageWrittenOff, billing.usageOverReported],
  { isPublic: true, writers: ['billing'], readers: ['gateway'] },
);

/** All topics of Landfall, made by a tool and never by the broker. */
export const topics: readonly Topic[] = [
  gatewayEvents,
  fulfillmentCommands,
  fulfillmentEvents,
  subscriptionDecisions,
  subscriptionEvents,
  subscriptionSnapshots,
  provisioningRequests,
  provisioningReplies,
  provisioningEvents,
  meteringCommands,
  meteringEvents,
  usage,
  billingEvents,
] as readonly Topic[];
