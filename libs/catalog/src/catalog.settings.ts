import type { ValuesOf } from '@landfall/service-defaults';
import { z } from 'zod';

/** What a service that reads the catalog can be told, beside its other settings. */
export const catalogSettings = {
  /** The catalog, a YAML file. Not set: nothing is named there, and no rule refuses anything. */
  CATALOG_FILE: z.string().optional(),
};

export type CatalogValues = ValuesOf<typeof catalogSettings>;
