import { Logger } from '@nestjs/common';
import { Gauge, register } from 'prom-client';

/** A scrape waits this long for an age; the metrics are needed most while the database hangs. */
export const AGE_LIMIT_MS = 2_000;

/**
 * Shows at each scrape how old the oldest of something is, in seconds; 0 where there is none. `name` ends in `_seconds`. Where `read` throws, or takes too
 * long, the last value stays and the log says why: the other metrics of the process are shown all the same.
 *
 * The register is one per process: where several applications run in one, as in specs, the gauge stays with the first.
 */
export const ageGauge = (name: string, help: string, read: () => Promise<number>): void => shownAtScrape(name, help, read);

/** The same for how many of something there are now. */
export const countGauge = (name: string, help: string, read: () => Promise<number>): void => shownAtScrape(name, help, read);

function shownAtScrape(name: string, help: string, read: () => Promise<number>): void {
  if (register.getSingleMetric(name)) return;
  const logger = new Logger('Metrics');
  new Gauge({
    name,
    help,
    async collect() {
      try {
        this.set(await inTime(read()));
      } catch (error) {
        logger.warn({ name, reason: String(error).slice(0, 500) }, 'a metric could not be read and keeps its last value');
      }
    },
  });
}

async function inTime(reading: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${AGE_LIMIT_MS} ms`)), AGE_LIMIT_MS);
  });
  try {
    return await Promise.race([reading, limit]);
  } finally {
    clearTimeout(timer);
  }
}
