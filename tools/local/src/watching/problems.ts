import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertsOf, dashboardsOf, type Alert, type Watcher } from '../contracts/reference/watched';
import { knownSeries, type KnownSeries } from './known.metrics';
import { readQuery, withoutVariables } from './promql';

/** From the root of the repository: one page for each alert, called as it is. */
export const runbooksDir = 'docs/runbooks';

/** All that is wrong with alerts, dashboards and runbooks, each in a sentence. */
export function watchingProblems(repository: string): string[] {
  const series = knownSeries(repository);
  const alerts = alertsOf(repository);
  const rules = alerts.map(({ alert, expr }) => ({ name: `the alert ${alert}`, queries: [expr] }));
  const dashboards = dashboardsOf(repository).map(({ name, queries }) => ({ name: `the dashboard ${name}`, queries }));
  return [
    ...[...rules, ...dashboards].flatMap((watcher) => queryProblems(watcher, series)),
    ...alerts.flatMap(alertProblems),
    ...runbookProblems(repository, new Set(alerts.map(({ alert }) => alert))),
  ];
}

/** What is wrong with the queries of an alert or a dashboard: it cannot be read, or names a series or a label that nothing has. */
export function queryProblems({ name, queries }: Watcher, series: KnownSeries): string[] {
  return queries.flatMap((query) => {
    const { errors, selectors, groupedBy } = readQuery(withoutVariables(query));
    if (errors.length > 0) return [`${name}: a query cannot be read at "${errors[0]}": ${query}`];
    const labels = new Set(selectors.flatMap(({ metric }) => [...(series.get(metric) ?? [])]));
    return [
      ...selectors.filter(({ metric }) => !series.has(metric)).map(({ metric }) => `${name}: no service has the metric "${metric}"`),
      ...selectors.flatMap(({ metric, labels: named }) =>
        named
          .filter((label) => series.has(metric) && !series.get(metric)!.has(label))
          .map((label) => `${name}: ${metric} has no label ${label}`),
      ),
      ...groupedBy
        .filter((label) => !labels.has(label))
        .map((label) => `${name}: no metric of this query has the label ${label}: ${query}`),
    ];
  });
}

/** An alert says when it comes, how urgent it is, what is wrong in words, and where its runbook is. */
export function alertProblems({ alert, for: after, labels, annotations }: Alert): string[] {
  const wrong = [
    [/^\d+[mh]$/.test(after ?? ''), 'it has no `for`'],
    [/^(?:page|ticket)$/.test(labels?.['severity'] ?? ''), 'its severity is neither page nor ticket'],
    [/^\S.* .*\.$/.test(annotations?.['summary'] ?? ''), 'its summary is no sentence'],
    [annotations?.['runbook_url'] === `${runbooksDir}/${alert}.md`, `its runbook_url is not ${runbooksDir}/${alert}.md`],
  ] as const;
  return wrong.filter(([isRight]) => !isRight).map(([, sentence]) => `the alert ${alert}: ${sentence}`);
}

const sections = ['What it means', 'What the customer sees', 'What to look at', 'What to do', 'How to know that it is over'];

function runbookProblems(repository: string, alerts: ReadonlySet<string>): string[] {
  const folder = join(repository, runbooksDir);
  const pages = existsSync(folder) ? readdirSync(folder).filter((file) => file !== 'README.md') : [];
  const index = existsSync(join(folder, 'README.md')) ? readFileSync(join(folder, 'README.md'), 'utf8') : '';
  const missing = [...alerts].filter((alert) => !pages.includes(`${alert}.md`));
  return [
    ...missing.map((alert) => `${runbooksDir}/${alert}.md is missing`),
    ...[...alerts]
      .filter((alert) => !index.includes(`](${alert}.md)`))
      .map((alert) => `${runbooksDir}/README.md does not lead to ${alert}.md`),
    ...pages.flatMap((page) => pageProblems(page, readFileSync(join(folder, page), 'utf8'), alerts)),
  ];
}

function pageProblems(page: string, text: string, alerts: ReadonlySet<string>): string[] {
  if (!alerts.has(page.replace(/\.md$/, ''))) return [`${runbooksDir}/${page} belongs to no alert`];
  return sections
    .filter((section) => !text.includes(`\n## ${section}\n\n`))
    .map((section) => `${runbooksDir}/${page} has no section "${section}"`);
}
