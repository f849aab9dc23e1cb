import { z } from 'zod';
import { limits } from '../../limits';
import { alterationFields } from '../../webhook/alteration.schema';
import { badTokenNames } from '../../webhook/token/bad.tokens';
import { duration } from './fault.instant';
import { span } from './span';

/** What can go wrong with a delivery to the publisher. All of it concerns one try: for the next one the rules are looked up anew. */
export const webhookEffects = [
  /**
   * Nothing is sent. `lost`: on the way, and Microsoft counts the try as failed (contract 4.4). `believed`: Microsoft takes it for
   * received, so that the ten seconds run and the webhook never comes.
   */
  z.strictObject({ effect: z.literal('drop'), as: z.enum(['lost', 'believed']).default('lost') }),
  /** It waits so long, of business time, or for a time between `from` and `to`. The publisher does not notice, and no ten seconds run. */
  z.strictObject({ effect: z.literal('postpone'), for: span }),
  /** It waits until so many others, of the same subscription or of any, have gone before it; but no longer than `atMost`. */
  z.strictObject({
    effect: z.literal('reorder'),
    after: z.int().min(1).max(100),
    of: z.enum(['subscription', 'any']).default('any'),
    atMost: duration.default('PT1M'),
  }),
  /**
   * So many more of the same, each with a token of its own, at once or some real time apart. Their answers decide nothing: the first one's
   * does.
   */
  z.strictObject({
    effect: z.literal('duplicate'),
    copies: z.int().min(1).max(limits.webhookCopies).default(1),
    spacingMs: z.int().min(0).max(limits.webhookCopySpacingMs).default(0),
  }),
  /** Before the genuine one goes the same with a forged token. It decides nothing, whatever is answered. */
  z.strictObject({ effect: z.literal('badToken'), kind: z.enum(badTokenNames) }),
  /** Another form of the body, other members in it, or some left out. */
  z.strictObject({
    effect: z.literal('payload'),
    ...alterationFields,
  }),
] as const;

export type WebhookEffect = z.infer<(typeof webhookEffects)[number]>;

/** Effects of one group exclude each other in a rule. */
export const webhookEffectGroups: Record<WebhookEffect['effect'], string> = {
  drop: 'sending',
  postpone: 'waiting',
  reorder: 'waiting',
  duplicate: 'copies',
  badToken: 'forgery',
  payload: 'body',
};
