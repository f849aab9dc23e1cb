import { Gauge, register } from 'prom-client';

/**
 * Shows at each scrape how old the oldest of something is, in seconds; 0 where there is none. `name` ends in `_seconds`. Where `read` throws, the
 * scrape fails.
 *
 * The register is one per process: where several applications run in one, as in specs, the gauge stays with the first.
 */
export function ageGauge(name: string, help: string, read: () => Promise<number>): void {
  if (register.getSingleMetric(name)) return;
  new Gauge({
    name,
    help,
    async collect() {
      this.set(await read());
    },
  });
}
