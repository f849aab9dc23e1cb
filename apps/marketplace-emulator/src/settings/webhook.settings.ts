import { z } from 'zod';
import { limits } from '../limits';
import { defaultRetryDelaysMs, documentedRetries } from '../webhook/delivery/retry.schedule';
import { payloadVariants } from '../webhook/payload.variants';
import { hourMs, milliseconds, type ValuesOf } from './field.kinds';

/** How webhooks are signed and sent, and what their answers mean (contract 4). */
export const webhookSettings = {
  /** The publisher's app registration decides which form its webhook tokens have (contract 2.3). */
  webhookTokenVersion: z.enum(['v1', 'v2']),
  /** For how long many waiting webhooks may share a token; 0: never, each delivery is signed by itself. */
  webhookTokenReuseMs: milliseconds(60_000),
  /** How long the emulator waits for an answer to a webhook. Microsoft's own limit is not published. */
  webhookTimeoutMs: milliseconds(60_000).min(1),
  /** How many webhooks are on their way to one address at the same time; 1: one after the other, in the order in which they became due. */
  webhookConcurrency: z.int().min(1).max(limits.concurrentDeliveriesPerAddress),
  retryDelaysMs: z
    .array(milliseconds(8 * hourMs))
    .min(1)
    .max(documentedRetries),
  maxRetries: z.int().min(0).max(documentedRetries),
  /** The ten seconds of contract 4.5. */
  autoAcceptMs: milliseconds(24 * hourMs),
  /**
   * Whether the ten seconds begin with a webhook that was received, or with one that was sent, however it was answered: unverified
   * (contract 9.2, 12).
   */
  autoAccept: z.enum(['after-2xx', 'always']),
  /**
   * Forms that payloads had in other years, each for the actions in which it was seen; `GET /control/webhooks/payload-variants` lists them.
   */
  webhookPayloadVariants: z.array(z.enum(payloadVariants)).max(payloadVariants.length),
  /** After which refusal the compensating webhook follows. */
  revertWebhookAfter: z.enum(['answer', 'any-refusal', 'never']),
};

export const webhookDefaults: ValuesOf<typeof webhookSettings> = {
  webhookTokenVersion: 'v2',
  webhookTokenReuseMs: 1_000,
  webhookTimeoutMs: 10_000,
  webhookConcurrency: limits.concurrentDeliveriesPerAddress,
  retryDelaysMs: [...defaultRetryDelaysMs],
  maxRetries: documentedRetries,
  autoAcceptMs: 10_000,
  autoAccept: 'after-2xx',
  webhookPayloadVariants: [],
  revertWebhookAfter: 'answer',
};
