import { z } from 'zod';

/** What can go wrong with a delivery to the publisher. */
export const webhookEffects = [
  /** The delivery is lost on its way: nothing is sent, and Microsoft counts the try as failed (contract 4.4). */
  z.strictObject({ effect: z.literal('drop') }),
] as const;

export type WebhookEffect = z.infer<(typeof webhookEffects)[number]>;

/** Effects of one group exclude each other in a rule. */
export const webhookEffectGroups: Record<WebhookEffect['effect'], string> = {
  drop: 'sending',
};
