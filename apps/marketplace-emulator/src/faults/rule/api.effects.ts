import { z } from 'zod';
import { limits } from '../../limits';
import { leavableMembers } from '../answer/left.out.members';
import { duration } from './fault.instant';
import type { RouteName } from '../route/route.names';
import { answerBody, headerValue, headers } from './wanted.answer';

/**
 * True: the call does its work first, state changes included, and only its answer is lost or replaced. Otherwise it never reaches the
 * service.
 */
const afterWork = z.boolean().optional();
const rowChance = z.number().min(0).max(1).optional();
const waitMs = z.int().min(1).max(limits.heldMs);

/** What can go wrong with a call of the fulfillment, metering and identity services. */
export const apiEffects = [
  /** An answer of one's own. Without a body it is what the service is seen to write at that status (contract 3.1.2). */
  z.strictObject({
    effect: z.literal('status'),
    status: z.int().min(200).max(599),
    body: answerBody.optional(),
    /** Seconds, or any text: a date, or what is none. */
    retryAfter: z.union([z.int().min(0), headerValue], 'must be whole seconds, or a text').optional(),
    headers: headers.optional(),
    afterWork,
  }),
  /** A page for people, as gateways and proxies write it. */
  z.strictObject({ effect: z.literal('html'), status: z.int().min(400).max(599).optional(), afterWork }),
  /** No answer. The connection is closed after `ms`, by default after the longest time that a caller is kept waiting. */
  z.strictObject({ effect: z.literal('hang'), ms: waitMs.optional(), afterWork }),
  /** The connection is reset instead of an answer. */
  z.strictObject({ effect: z.literal('reset'), afterWork }),
  /** The answer comes later. The work is done when the call arrives, so it has taken effect also for a caller that gives up. */
  z.strictObject({ effect: z.literal('delay'), ms: waitMs }),
  /** The real answer breaks off: after so many bytes of its body, by default half of them, the connection ends. */
  z.strictObject({ effect: z.literal('cutBody'), afterBytes: z.int().min(0).optional(), chunked: z.boolean().optional() }),
  /** The body of the real answer arrives drop by drop, or as much of it as fits into the longest time that a caller is kept waiting. */
  z.strictObject({ effect: z.literal('drip'), bytesPerSecond: z.int().min(1).max(1_000_000) }),
  /** The real answer with its JSON broken off in the middle, complete by its HTTP headers. */
  z.strictObject({ effect: z.literal('malformed') }),
  /** The real answer under the name of something else. */
  z.strictObject({ effect: z.literal('wrongContentType'), contentType: headerValue.optional() }),
  /** The status and the headers of the real answer, without its body. */
  z.strictObject({ effect: z.literal('emptyBody') }),
  /** Reads see what was so long ago, on the business clock; what did not exist then is not found (contract 3.10, 4.6). */
  z.strictObject({ effect: z.literal('staleRead'), age: duration }),
  /**
   * Each read is answered by one of so many copies. Each copy stands still and catches up from time to time, so that it lags by at most a
   * time of its own, the last one by `lag`, on the business clock: two reads in a row may go back in time (contract 3.10, 4.6).
   */
  z.strictObject({ effect: z.literal('laggingCopies'), copies: z.int().min(1).max(limits.faultReadCopies), lag: duration }),
  /**
   * An operation is not found any more from so long after its request on, and is not listed: PT0S, it never is. Draw it once per operation,
   * with `when.per` (contract 3.10).
   */
  z.strictObject({ effect: z.literal('forgetOperation'), after: duration }),
  /** An operation reads InProgress for ever, whatever has become of it. Draw it once per operation, with `when.per`. */
  z.strictObject({ effect: z.literal('endlessOperation') }),
  /**
   * The real answer without some members of its subscription, each left out with a chance of its own, drawn for each answer (contract 3.2).
   */
  z.strictObject({ effect: z.literal('leaveOut'), members: z.partialRecord(z.enum(leavableMembers), z.number().min(0).max(1)) }),
  /** The subscriptions of a page in another order: none is promised (contract 3.5). */
  z.strictObject({ effect: z.literal('shufflePage') }),
  /** The link of a page leads to the same page once more. */
  z.strictObject({ effect: z.literal('repeatPage') }),
  /**
   * Days of usage that are read back without some of their rows: each left out with a chance, drawn for the row once and for all. It comes
   * so long after the end of its day; without `for`, never (contract 6.5).
   */
  z.strictObject({ effect: z.literal('missingRows'), chance: rowChance, for: duration.optional() }),
  /**
   * Rows that would read Accepted read so instead, each with a chance, drawn for the row once and for all; a Mismatch has half of what was
   * submitted (contract 6.5). What is invoiced does not change.
   */
  z.strictObject({ effect: z.literal('misreadRows'), as: z.enum(['Submitted', 'Rejected', 'Mismatch']), chance: rowChance }),
] as const;

export type ApiEffect = z.infer<(typeof apiEffects)[number]>;
export type EffectNamed<K extends ApiEffect['effect']> = Extract<ApiEffect, { effect: K }>;

/** Effects of one group exclude each other in a rule. */
export const apiEffectGroups: Record<ApiEffect['effect'], string> = {
  status: 'answer',
  html: 'answer',
  hang: 'answer',
  reset: 'answer',
  cutBody: 'answer',
  drip: 'answer',
  malformed: 'answer',
  wrongContentType: 'answer',
  emptyBody: 'answer',
  delay: 'time',
  staleRead: 'data',
  laggingCopies: 'data',
  forgetOperation: 'existence',
  endlessOperation: 'progress',
  leaveOut: 'members',
  shufflePage: 'order',
  repeatPage: 'link',
  missingRows: 'rows',
  misreadRows: 'reconciliation',
};

/** The routes that an effect is possible on, where these are not all. */
export const routesOfEffect: Partial<Record<string, readonly RouteName[]>> = {
  staleRead: ['getSubscription', 'listSubscriptions', 'getOperation', 'listOperations'],
  laggingCopies: ['getSubscription', 'listSubscriptions', 'getOperation', 'listOperations'],
  forgetOperation: ['getOperation', 'listOperations'],
  endlessOperation: ['getOperation', 'listOperations'],
  leaveOut: ['getSubscription', 'listSubscriptions', 'resolveSubscription'],
  shufflePage: ['listSubscriptions'],
  repeatPage: ['listSubscriptions'],
  missingRows: ['getUsageEvents'],
  misreadRows: ['getUsageEvents'],
} satisfies Partial<Record<ApiEffect['effect'], readonly RouteName[]>>;

/** Whether the call is answered in the place of the service, so that it is never carried out. */
export function isInsteadOfWork(effect: ApiEffect): boolean {
  switch (effect.effect) {
    case 'status':
    case 'html':
    case 'hang':
    case 'reset':
      return !effect.afterWork;
    default:
      return false;
  }
}
