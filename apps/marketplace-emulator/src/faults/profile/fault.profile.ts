import { z } from 'zod';
import { leavableMembers } from '../answer/left.out.members';
import { duration } from '../rule/fault.instant';
import { span } from '../rule/span';
import { limits } from '../../limits';

const chance = z.number().min(0).max(1);
const chances = <K extends string>(names: readonly [K, ...K[]]) => z.partialRecord(z.enum(names), chance);

/** What can be unkind about Microsoft's side. Each chance is from 0, never, to 1, always; each length of time is of the business clock. */
export const profileParts = z.strictObject({
  /** Copies of the store that answer Get Subscription and the list. */
  subscriptionCopies: z.strictObject({ copies: z.int().min(1).max(limits.faultReadCopies), lag: duration }).nullable(),
  /** Copies that answer Get Operation and the list of operations. */
  operationCopies: z.strictObject({ copies: z.int().min(1).max(limits.faultReadCopies), lag: duration }).nullable(),
  /** Operations that start late, and that read InProgress for long after they were accepted. */
  slowOperations: z.strictObject({ chance, start: span, end: span }).nullable(),
  /** Operations that Get Operation never finds. */
  hiddenOperations: z.strictObject({ chance }).nullable(),
  /** Operations that it does not find any more from some time after their request on. */
  vanishingOperations: z.strictObject({ chance, after: duration }).nullable(),
  /** Operations that it shows InProgress for ever. */
  endlessOperations: z.strictObject({ chance }).nullable(),
  /** Members that Get Subscription, the list and Resolve leave out, each with its chance for each answer. */
  leftOutMembers: chances(leavableMembers).nullable(),
  /** Webhooks that cannot be tied to an operation. */
  oddWebhooks: z.strictObject({ orgId: chance, actionAlone: chance, reinstateWithoutId: chance }).nullable(),
  duplicatedWebhooks: z
    .strictObject({ chance, copies: z.int().min(1).max(limits.webhookCopies), spacingMs: z.int().min(0).max(limits.webhookCopySpacingMs) })
    .nullable(),
  /** Webhooks that come late; `to` is the longest. */
  delayedWebhooks: z.strictObject({ chance, from: duration, to: duration }).nullable(),
  reorderedWebhooks: z.strictObject({ chance, after: z.int().min(1).max(100), atMost: duration }).nullable(),
  /** Tries of webhooks that are lost on the way; each is tried again as the settings say. */
  lostWebhooks: z.strictObject({ chance }).nullable(),
  /** PATCH of an operation that is InProgress: answered 500, and nothing is recorded. */
  failingAcknowledgements: z.strictObject({ chance }).nullable(),
  /** Rows of usage that are not read back until so long after the end of their day. */
  lateUsageRows: z.strictObject({ chance, for: duration }).nullable(),
  /** Calls that write or report usage and do their work, and whose answer is a reset connection or a 500. */
  lostAnswers: z.strictObject({ chance }).nullable(),
});

export type ProfileParts = z.infer<typeof profileParts>;

export const presetNames = ['none', 'unkind'] as const;

/** The setting `faultProfile`. */
export const faultProfile = z.strictObject({
  /** What the parts are that are not named; `unkind` by default. */
  preset: z.enum(presetNames).optional(),
  /** Of everything that is drawn at random, 1 by default. */
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  /** By how much each length of time is multiplied, 1 by default: 0.02 makes two minutes 2.4 seconds. */
  timeFactor: z.number().min(0.000_1).max(1_000).optional(),
  /** Parts of one's own, each in the place of the preset's; null: that part does not happen. */
  parts: profileParts.partial().optional(),
});

export type FaultProfile = z.infer<typeof faultProfile>;
