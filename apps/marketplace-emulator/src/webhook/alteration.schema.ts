import { z } from 'zod';
import { limits } from '../limits';
import { isSmallJson } from '../small.json';
import { payloadVariants } from './payload.variants';

/** How the body of a webhook may be altered, by a fault rule or by hand. */
export const alterationFields = {
  variant: z.enum(payloadVariants).optional(),
  payload: z
    .record(z.string(), z.unknown())
    .refine((payload) => isSmallJson(payload, limits.craftedPayloadCharacters), 'is longer or deeper than a webhook may be')
    .optional(),
  omit: z.array(z.string().max(100)).max(50).optional(),
};
