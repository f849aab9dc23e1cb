import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardsOf, rulesFile, rulesTestFile, watchedOf } from '../contracts/reference/watched';
import { landfallDir, repositoryDir } from '../repository';
import { readRun } from '../system/run-json';
import { askAll } from '../watching/asked';
import { watchingProblems } from '../watching/problems';
import { isInstalled, rulesProblem, rulesTestProblem, startPrometheus } from '../watching/prometheus';
import { argumentsOf, print, runCommand } from './command';

const usage = `npm run check:dashboards    checks alerts, dashboards and runbooks: names and syntax everywhere, and by promtool and a Prometheus
                            of its own over the system that runs here, where both are there`;

/** `npm run check:dashboards`: 1 where something is wrong. What could not be done is said. */
void runCommand(async () => {
  if (!argumentsOf(usage, {})) return 0;
  const problems = watchingProblems(repositoryDir);
  print(problems.length === 0 ? `Names, syntax and runbooks are right (${counted()}).` : problems.join('\n'));
  const isRight = [problems.length === 0, checkByPromtool(), await checkByPrometheus()].every(Boolean);
  return isRight ? 0 : 1;
});

function counted(): string {
  const { alerts, dashboards } = watchedOf(repositoryDir);
  const queries = dashboards.reduce((sum, dashboard) => sum + dashboard.queries.length, 0);
  return `${alerts.length} alerts, ${dashboardsOf(repositoryDir).length} dashboards with ${queries} queries`;
}

function checkByPromtool(): boolean {
  if (!isInstalled('promtool')) {
    print("Left out: promtool is not installed (Debian's package prometheus has it).");
    return true;
  }
  const problems = [rulesProblem(join(repositoryDir, rulesFile)), rulesTestProblem(join(repositoryDir, rulesTestFile))].filter(Boolean);
  print(problems.join('\n') || 'promtool finds the rules right, and their tests pass.');
  return problems.length === 0;
}

async function checkByPrometheus(): Promise<boolean> {
  const missing = !isInstalled('prometheus')
    ? 'Prometheus is not installed'
    : existsSync(join(landfallDir, 'run.json'))
      ? undefined
      : 'no system runs here (`npm start`)';
  if (missing) {
    print(`Left out: no query was asked of a running Prometheus, since ${missing}.`);
    return true;
  }
  const run = readRun(landfallDir);
  for (const { managementUrl } of run.services) await fetch(`${managementUrl}/dead-letters`); // refused, and so each service has had a request
  const prometheus = await startPrometheus(run, join(repositoryDir, rulesFile));
  try {
    const { answered, empty, refused, holding } = await askAll(watchedOf(repositoryDir), (query) => prometheus.ask(query));
    print(`A Prometheus over the running system answered ${answered} queries with data, and refused ${refused.length}.`);
    for (const one of refused) print(`  ${one}`);
    print(`Alerts whose condition holds now: ${holding.join(', ') || 'none'}.`);
    if (empty.length > 0)
      print(`Without data, since what they show has not happened: ${empty.length}\n${empty.map((one) => `  ${one}`).join('\n')}`);
    return refused.length === 0;
  } finally {
    await prometheus.stop();
  }
}
