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

/** A label, and the values of it that are always shown: 0 where nothing was read of one. */
interface GaugeLabel {
  readonly name: string;
  readonly always?: readonly string[];
}

/** The same by the values of one label; a value that is not read any more, and not always shown, is shown no more. */
export const gaugeBy = (
  { name: label, always = [] }: GaugeLabel,
  name: string,
  help: string,
  read: () => Promise<ReadonlyMap<string, number>>,
): void =>
  scraped(name, help, [label], async (gauge) => {
    const values = new Map([...always.map((value) => [value, 0] as const), ...(await inTime(read()))]);
    gauge.reset();
    for (const [value, amount] of values) gauge.set({ [label]: value }, amount);
  });

const shownAtScrape = (name: string, help: string, read: () => Promise<number>): void =>
  scraped(name, help, [], async (gauge) => gauge.set(await inTime(read())));

function scraped(name: string, help: string, labelNames: string[], show: (gauge: Gauge) => Promise<void>): void {
  if (register.getSingleMetric(name)) return;
  const logger = new Logger('Metrics');
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames,
    async collect() {
      try {
        await show(gauge);
      } catch (error) {
        logger.warn({ name, reason: String(error).slice(0, 500) }, 'a metric could not be read and keeps its last value');
      }
    },
  });
}

async function inTime<T>(reading: Promise<T>): Promise<T> {
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
