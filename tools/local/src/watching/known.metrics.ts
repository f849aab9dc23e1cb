import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsFile } from '../contracts/reference/reference.documents';

/** By the name of a series, the labels that it has. */
export type KnownSeries = ReadonlyMap<string, ReadonlySet<string>>;

/** What Prometheus adds to every series, by itself or by how it finds its targets. */
const ofEverySeries = ['service', 'namespace', 'instance', 'job', 'pod'];

/** The series of docs/reference/metrics.md, and those that Prometheus makes for each target. */
export function knownSeries(repository: string): KnownSeries {
  const series = new Map([['up', new Set(ofEverySeries)]]);
  const page = readFileSync(join(repository, metricsFile), 'utf8');
  for (const [, name, kind, labels] of page.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gm)) {
    const own = [...ofEverySeries, ...[...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!)];
    const parts: Record<string, string[]> =
      kind === 'histogram'
        ? { _bucket: ['le'], _sum: [], _count: [] }
        : kind === 'summary'
          ? { '': ['quantile'], _sum: [], _count: [] }
          : { '': [] };
    for (const [suffix, further] of Object.entries(parts)) series.set(`${name}${suffix}`, new Set([...own, ...further]));
  }
  return series;
}
