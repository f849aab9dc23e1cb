import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Percentiles } from './load.protocol';

const perMs = 1_000;

/** Durations in milliseconds, in the HDR histogram that Node brings: three significant digits from a microsecond up to an hour. */
export class Durations {
  private readonly histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: 3_600_000 * perMs, figures: 3 });

  add(ms: number): void {
    this.histogram.record(Math.max(1, Math.round(ms * perMs)));
  }

  percentiles(): Percentiles {
    if (this.histogram.count === 0) return { p50: 0, p90: 0, p99: 0, max: 0 };
    const at = (percent: number) => this.histogram.percentile(percent) / perMs;
    return { p50: at(50), p90: at(90), p99: at(99), max: this.histogram.max / perMs };
  }
}
