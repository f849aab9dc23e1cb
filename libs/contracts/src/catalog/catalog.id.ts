import { z } from 'zod';

/** An id of the catalog. Those of Partner Center fit, and what does not can be no id there. */
export const catalogId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be an id as Partner Center shows it: up to 100 letters, digits, dots, - and _');
