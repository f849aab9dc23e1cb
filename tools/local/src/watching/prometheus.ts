import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../process/ports';
import type { Run } from '../system/run-json';

const scrapeIntervalS = 1;
/** So many scrapes that a rate can be told. */
const firstScrapesMs = 8_000;
const startLimitMs = 30_000;
const stopLimitMs = 5_000;

/** What a Prometheus answered to a query. */
export type Answer = { readonly kind: 'data'; readonly series: number } | { readonly kind: 'error'; readonly reason: string };

export interface RunningPrometheus {
  ask(query: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** Whether a program is installed on this machine. */
export const isInstalled = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** What `promtool` finds wrong with a file of rules; undefined where it is right. */
export function promtoolProblem(rulesFile: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', rulesFile], { encoding: 'utf8' });
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
  const child = spawn(
    'prometheus',
    [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, wait(stopLimitMs).then(() => child.kill('SIGKILL'))]);
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
  return { ask: (query) => ask(url, query), stop };
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
