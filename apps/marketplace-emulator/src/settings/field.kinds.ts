import { z } from 'zod';

export const hourMs = 3_600_000;

export const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an absolute http or https address' })
  .refine((url) => !url.includes('#'), 'must not hold a # fragment (contract 5.5)');

export const milliseconds = (max: number) => z.int().min(0).max(max);

/** A complete set of values for a group of settings. */
export type ValuesOf<S extends z.ZodRawShape> = z.infer<z.ZodObject<S>>;
