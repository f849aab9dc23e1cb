import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startGuarded } from '../process/guarded-process';
import { freePort } from '../process/ports';
import type { Run } from '../system/run-json';

const scrapeIntervalS = 1;
/** So many scrapes that a rate can be told. */
const firstScrapesMs = 8_000;
const startLimitMs = 30_000;
const stopLimitMs = 5_000;
const answerLimitMs = 5_000;

/** What a Prometheus answered to a query. */
export type Answer = { readonly kind: 'data'; readonly series: number } | { readonly kind: 'error'; readonly reason: string };

/** An alert that its rules let fire now. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** Of the expression. */
  readonly value: string;
}

export interface RunningPrometheus {
  ask(query: string): Promise<Answer>;
  /** What fires now; what is only pending is left out. */
  firing(): Promise<FiringAlert[]>;
  stop(): Promise<void>;
}

/** Whether a program is installed on this machine. */
export const isInstalled = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** What `promtool` finds wrong with a file of rules; undefined where it is right. */
export const rulesProblem = (rulesFile: string): string | undefined => promtoolProblem(['check', 'rules', rulesFile]);

/** Which tests of the rules fail, and how; undefined where none does. */
export const rulesTestProblem = (testFile: string): string | undefined => promtoolProblem(['test', 'rules', testFile]);

function promtoolProblem(args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout}${stderr}`.trim();
}

/** Starts Prometheus on loopback, over all copies of a running system and with our rules. It resolves when it has scraped them some times. */
export async function startPrometheus(run: Run, rulesFile: string): Promise<RunningPrometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-prometheus-'));
  const port = await freePort();
  const targets = run.services.map(({ service, managementUrl }) => ({ targets: [new URL(managementUrl).host], labels: { service } }));
  const config = {
    global: { scrape_interval: `${scrapeIntervalS}s`, evaluation_interval: `${scrapeIntervalS}s` },
    rule_files: [rulesFile],
    scrape_configs: [{ job_name: 'landfall', static_configs: targets }],
  };
  writeFileSync(join(dir, 'prometheus.yml'), stringify(config));
  const running = await startGuarded({
    command: 'prometheus',
    args: [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`, `--web.listen-address=127.0.0.1:${port}`],
    cwd: dir,
    stopSignal: 'SIGTERM',
    patienceMs: stopLimitMs,
    logFile: join(dir, 'prometheus.log'),
  });
  const stop = async () => {
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(url);
    await wait(firstScrapesMs);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ask: (query) => ask(url, query), firing: () => firing(url), stop };
}

async function ready(url: string): Promise<void> {
  for (const until = Date.now() + startLimitMs; Date.now() < until; await wait(200)) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`Prometheus was not ready within ${startLimitMs / 1000} s`);
}

async function ask(url: string, query: string): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
  const said = (await answer.json()) as { error?: string; data?: { result: unknown[] } };
  if (!answer.ok || !said.data) return { kind: 'error', reason: said.error ?? `status ${answer.status}` };
  return { kind: 'data', series: said.data.result.length };
}

async function firing(url: string): Promise<FiringAlert[]> {
  const answer = await fetch(`${url}/api/v1/alerts`, { signal: AbortSignal.timeout(answerLimitMs) });
  const { data } = (await answer.json()) as { data: { alerts: (FiringAlert & { state: string })[] } };
  return data.alerts.filter(({ state }) => state === 'firing');
}
