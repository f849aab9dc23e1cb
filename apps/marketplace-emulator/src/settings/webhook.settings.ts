import { z } from 'zod';
import { defaultRetryDelaysMs, documentedRetries } from '../webhook/retry.schedule';
import { hourMs, milliseconds, type ValuesOf } from './field.kinds';

/** How webhooks are signed, sent and judged (contract 4). */
export const webhookSettings = {
  /** The publisher's app registration decides which form its webhook tokens have (contract 2.3). */
  webhookTokenVersion: z.enum(['v1', 'v2']),
  /** How long the emulator waits for an answer to a webhook. Microsoft's own limit is not published. */
  webhookTimeoutMs: milliseconds(60_000).min(1),
  retryDelaysMs: z
    .array(milliseconds(8 * hourMs))
    .min(1)
    .max(documentedRetries),
  maxRetries: z.int().min(0).max(documentedRetries),
  /** The ten seconds of contract 4.5. */
  autoAcceptMs: milliseconds(24 * hourMs),
  /** After which refusal the compensating webhook follows. */
  revertWebhookAfter: z.enum(['answer', 'any-refusal', 'never']),
};

export const webhookDefaults: ValuesOf<typeof webhookSettings> = {
  webhookTokenVersion: 'v2',
  webhookTimeoutMs: 10_000,
  retryDelaysMs: [...defaultRetryDelaysMs],
  maxRetries: documentedRetries,
  autoAcceptMs: 10_000,
  revertWebhookAfter: 'answer',
};
