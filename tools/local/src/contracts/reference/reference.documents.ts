import type { Documents } from '../documents';
import { describedJobs, describedServices } from './described.programs';
import { metricsPage } from './metrics.page';
import { settingsPage } from './settings.page';
import { valuesSchema, valuesSchemaFile } from './values.schema';
import { watchedOf } from './watched';

/** The generated pages of the reference that are single files, from the root of the repository. */
export const metricsFile = 'docs/reference/metrics.md';
export const settingsFile = 'docs/reference/settings.md';

/** The files of the reference. */
export const referenceFiles = [metricsFile, settingsFile, valuesSchemaFile];

/** What operators set and watch, as the built services say it. */
export function referenceDocuments(repository: string): Documents {
  const services = describedServices(repository);
  const [first] = services;
  if (!first) throw new Error('there is no service');
  const jobs = describedJobs(repository, first.name);
  return new Map([
    [metricsFile, metricsPage(services, watchedOf(repository))],
    [settingsFile, settingsPage(repository, services, jobs)],
    [valuesSchemaFile, valuesSchema(repository, services, jobs)],
  ]);
}
