import { table } from '../table';
import type { DescribedMetric, DescribedProgram } from './described.programs';
import type { Watched } from './watched';

/** What Node and prom-client show of any process. */
const ofTheProcess = /^(?:process|nodejs)_/;

const head = `<!-- Made by \`npm run contracts\` from what the services register, the alerts and the dashboards. Change those, not this page. -->

# Metrics

What each service shows at \`/metrics\` on its management port, for Prometheus. [Watch](../how-to/watch.md) says how to get it drawn. Ages alarm, not counts; a
counter begins at 0 for all that its labels can say, so that a first event is seen as an increase. Prometheus adds the label \`service\` to all of them, and
\`namespace\` in a cluster. A histogram has the series \`…_bucket\` (with the label \`le\`), \`…_sum\` and \`…_count\`, a summary the last two and itself with
the label \`quantile\`. An alert leads to its [runbook](../runbooks/README.md).`;

/** One page: what all services show, what some or one of them show, and what any process of Node shows. */
export function metricsPage(services: readonly DescribedProgram[], watched: Watched): string {
  const metrics = distinct(services);
  const ours = metrics.filter(({ name }) => !ofTheProcess.test(name));
  const groups: [string, DescribedMetric[]][] = [
    ['Every service', ours.filter((one) => shownBy(services, one).length === services.length)],
    ...services.map(({ name }): [string, DescribedMetric[]] => [
      `Service ${name}`,
      ours.filter((one) => shownBy(services, one).join() === name),
    ]),
    ['Some services', ours.filter((one) => shownBy(services, one).length > 1 && shownBy(services, one).length < services.length)],
    ['The process', metrics.filter(({ name }) => ofTheProcess.test(name))],
  ];
  const sections = groups
    .filter(([, group]) => group.length > 0)
    .map(([title, group]) => {
      const who = title === 'Some services' ? `Of ${[...new Set(group.flatMap((one) => shownBy(services, one)))].join(' and ')}.` : '';
      return [`## ${title}`, who, metricTable(group, watched)].filter(Boolean).join('\n\n');
    });
  return `${[head, ...sections].join('\n\n')}\n`;
}

function distinct(services: readonly DescribedProgram[]): DescribedMetric[] {
  const byName = new Map(services.flatMap(({ metrics }) => metrics.map((metric): [string, DescribedMetric] => [metric.name, metric])));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const shownBy = (services: readonly DescribedProgram[], { name }: DescribedMetric): string[] =>
  services.filter(({ metrics }) => metrics.some((metric) => metric.name === name)).map((service) => service.name);

const metricTable = (metrics: readonly DescribedMetric[], { alerts, dashboards }: Watched): string =>
  table(
    ['metric', 'kind', 'labels', 'meaning', 'alerts', 'dashboards'],
    metrics.map(({ name, kind, labels, help }) => [
      `\`${name}\``,
      kind,
      labels.map((label) => `\`${label}\``).join(', '),
      help.replace(/\.$/, ''),
      namesThatUse(alerts, name)
        .map((alert) => `[${alert}](../runbooks/${alert}.md)`)
        .join(', '),
      namesThatUse(dashboards, name).join(', '),
    ]),
  );

function namesThatUse(users: Watched['alerts'], metric: string): string[] {
  const word = new RegExp(`\\b${metric}(?:_bucket|_sum|_count)?\\b`);
  return [...new Set(users.filter(({ queries }) => queries.some((query) => word.test(query))).map(({ name }) => name))];
}
