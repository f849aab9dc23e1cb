import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** An alert or a dashboard, with all its queries in PromQL. */
export interface Watcher {
  readonly name: string;
  readonly queries: readonly string[];
}

export interface Watched {
  readonly alerts: readonly Watcher[];
  readonly dashboards: readonly Watcher[];
}

/** From the root of the repository. */
export const rulesFile = 'deploy/helm/landfall/files/rules.yml';
/** Tests of the rules with series that are made up, for `promtool`. */
export const rulesTestFile = 'deploy/prometheus/rules.test.yml';
export const dashboardsDir = 'deploy/helm/landfall/files/dashboards';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The rules as Prometheus reads them. None where there is no such file. */
export function alertsOf(repository: string): Alert[] {
  const file = join(repository, rulesFile);
  if (!existsSync(file)) return [];
  const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** The dashboards, each with its file's name without the ending and its queries, those of its variables included. */
export function dashboardsOf(repository: string): Watcher[] {
  const folder = join(repository, dashboardsDir);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => ({
    name: file.replace(/\.json$/, ''),
    queries: queriesIn(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
  }));
}

/** What is asked of Prometheus, at any depth: every `expr`, and the series from which a variable takes the values of a label. */
function queriesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(queriesIn);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value !== 'string') return queriesIn(value);
    if (key === 'expr') return [value];
    const [, series, label] = (key === 'definition' && /^label_values\((.*),\s*(\w+)\)$/.exec(value)) || [];
    return series ? [`group by (${label}) (${series})`] : [];
  });
}

/** Who uses what: alerts and dashboards with their queries. */
export const watchedOf = (repository: string): Watched => ({
  alerts: alertsOf(repository).map(({ alert, expr }) => ({ name: alert, queries: [expr] })),
  dashboards: dashboardsOf(repository),
});
