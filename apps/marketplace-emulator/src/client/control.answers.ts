import type { z } from 'zod';
import type { bulkRequest } from '../bulk/bulk.request';
import type { controlSchemas } from '../control/control.schemas';
import type { redeliverySchema } from '../control/webhook/delivery.routes';
import type { deliveryView } from '../control/webhook/delivery.views';
import type { listSchemas } from '../control/list.schemas';
import type { SubscriptionViews } from '../control/subscription/subscription.views';
import type { FaultProfile, ProfileParts } from '../faults/profile/fault.profile';
import type { faultSchema } from '../faults/rule/fault.rule';
import type { invoiceOf } from '../metering/invoice/invoice';

/** Requests. */
export type PurchaseInput = z.input<typeof controlSchemas.purchase>;
export type PersonInput = z.input<typeof controlSchemas.person>;
export type SettingsInput = z.input<typeof controlSchemas.settings>;
export type BulkInput = z.input<typeof bulkRequest>;
export type FaultInput = z.input<typeof faultSchema>;
export type RedeliveryInput = z.input<typeof redeliverySchema>;
export type SubscriptionQuery = { [K in keyof z.input<typeof listSchemas.subscriptions>]?: string | number };

/** Answers. */
export type SubscriptionListed = ReturnType<SubscriptionViews['subscription']>;
export type SubscriptionTruth = SubscriptionListed & { operations: ReturnType<SubscriptionViews['operationsOf']> };
export type DeliveryTruth = ReturnType<typeof deliveryView>;

export interface Purchased {
  subscriptionId: string;
  /** The address of the landing page with a purchase token. */
  landingUrl: string;
}

export interface FaultTruth {
  id: string;
  name: string | null;
  matched: number;
  fired: number;
  /** Null: it fires for as long as it is in force. */
  remaining: number | null;
}

export interface FaultProfiles {
  /** The one of the settings with all its parts; null: none. */
  inForce: (FaultProfile & { parts: ProfileParts }) | null;
  presets: Record<'none' | 'unkind', ProfileParts>;
}

export interface WebhookSummary {
  pausedSince: string | null;
  /** Webhooks that wait. */
  total: number;
}

export interface WaitingWebhook {
  operationId: string;
  subscriptionId: string;
  action: string;
  attempt: number;
  nextTryAt: string;
  state: string;
}

export interface FixtureListed {
  name: string;
  about: string;
  subscriptions: { key: string; id: string; about: string }[];
}

export type Invoice = ReturnType<typeof invoiceOf> & {
  subscriptionId: string;
  offerId: string;
  currency: string | null;
  isBilled: boolean;
  isComplete: boolean;
};
