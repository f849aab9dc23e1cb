import { z } from 'zod';
import { limits } from '../limits';
import { parseDuration } from '../time/duration';

const share = z.number().min(0).max(1);
const weight = z.number().min(0).max(1_000_000);

const weights = <K extends string>(names: readonly K[], defaults: Record<K, number>) =>
  z
    .partialRecord(z.enum(names), weight)
    .refine(
      (given) => Object.values<number | undefined>(given).some((value) => value !== undefined && value > 0),
      'at least one must be above 0',
    )
    .default(defaults as Partial<Record<K, number>>);

export const subscriptionKinds = ['pending', 'subscribed', 'suspended', 'unsubscribed'] as const;
export type SubscriptionKind = (typeof subscriptionKinds)[number];

/**
 * What is asked for when many subscriptions are made at once. Shares and weights are how often something is drawn; `mix` is kept exactly.
 */
export const bulkRequest = z.strictObject({
  count: z.int().min(1).max(limits.subscriptions),
  /** The same seed makes the same customers, plans, seats and timelines. */
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  /** Weights of the states. A state that is left out does not occur. */
  mix: weights(subscriptionKinds, { pending: 5, subscribed: 80, suspended: 3, unsubscribed: 12 }),
  /** Offers to buy; all of them where none is named. */
  offerIds: z.array(z.string()).min(1).max(100).optional(),
  planIds: z.array(z.string()).min(1).max(100).optional(),
  /** How long ago the first purchase was. */
  createdWithin: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, 'must be an ISO 8601 duration such as P400D')
    .default('P400D'),
  /** Weights of the terms, as far as a plan is sold for them. */
  terms: weights(['P1M', 'P1Y', 'P2Y', 'P3Y', 'P4Y', 'P5Y'], { P1M: 70, P1Y: 25, P2Y: 2, P3Y: 3, P4Y: 0, P5Y: 0 }),
  /** Sold by a reseller. */
  cspShare: share.default(0.1),
  /** Of those whose plan has one and who are in their first month. */
  trialShare: share.default(0.5),
  /** Ends with its term instead of being renewed. */
  endingShare: share.default(0.05),
  /** Customers who buy, each with one to three people. Left out: one for each 20 subscriptions. */
  tenants: z.int().min(1).max(limits.bulkTenants).optional(),
});

export type BulkRequest = z.infer<typeof bulkRequest>;
