import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { alertsOf, repositoryDir, rulesFile, scaledRules, startPrometheus } from '@landfall/local';
import { AlertWatch } from './alert.watch';
import { goThrough, type Fault, type Seen } from './fault';
import type { Shown } from './page';
import { planFaults, scaleOf, subscriptionsNeeded, type Phase } from './plan';
import { RunningSystem } from './running.system';

/** Longer than any alert here needs to come. */
const healthyMs = 60_000;
/** What a fault leaves behind is over after it: the longest window is two minutes. */
const quietLimitMs = 240_000;

export interface CheckOptions {
  /** Alerts by parts of their names, separated by commas: the chains of faults that make them; left out: all. */
  readonly only?: string;
  readonly stop: AbortSignal;
  say(line: string): void;
}

/** Starts a system and a Prometheus over it, and goes through all faults. Rejects where the system cannot be started. */
export async function checkAlerts({ only, stop, say }: CheckOptions): Promise<Shown> {
  const startedAt = Date.now();
  const rules = alertsOf(repositoryDir);
  const running = await RunningSystem.start(stop);
  const dir = mkdtempSync(join(tmpdir(), 'landfall-rules-'));
  let isGood = false;
  try {
    const file = join(dir, 'rules.yml');
    writeFileSync(file, scaledRules(readFileSync(join(repositoryDir, rulesFile), 'utf8'), scaleOf));
    const prometheus = await startPrometheus(running.system.run, file);
    const watch = new AlertWatch(prometheus, rules, stop);
    try {
      say(`The system runs (${running.dir}); customers buy.`);
      const subscriptions = await Promise.all(Array.from({ length: subscriptionsNeeded }, () => running.active()));
      const plan = planFaults((number) => subscriptions[number]!);
      for (const id of subscriptions) await running.microsoft.act(id, 'change-quantity', { quantity: 9 });
      const fired = await watchHealth(watch, stop, say);
      const { seen, left, beside } = await goThroughAll(narrowed(plan, only), running, watch, stop, say);
      isGood = left.length === 0 && seen.every(({ firedAfterMs, endedAfterMs }) => firedAfterMs !== null && endedAfterMs !== null);
      return { rules, seen, scaleOf, healthyMs, fired, left, beside, minutes: Math.round((Date.now() - startedAt) / 60_000) };
    } finally {
      await watch.stop();
      await prometheus.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
    await running.stop(!isGood);
  }
}

async function watchHealth(watch: AlertWatch, stop: AbortSignal, say: (line: string) => void): Promise<string[]> {
  await wait(healthyMs, undefined, { signal: stop });
  const fired = [...watch.firedSince(0)];
  say(`All is well for ${healthyMs / 1_000} s: ${fired.length === 0 ? 'no alert fires' : `${fired.join(', ')} FIRED`}.`);
  return fired;
}

async function goThroughAll(
  phases: readonly Phase[],
  running: RunningSystem,
  watch: AlertWatch,
  stop: AbortSignal,
  say: (line: string) => void,
) {
  const seen: Seen[] = [];
  const never: string[] = [];
  const beside: { alerts: string[]; faults: string[] }[] = [];
  for (const phase of phases) {
    stop.throwIfAborted();
    const faults = phase.flat();
    say(faults.map(({ what }) => what).join('; '));
    const beganAt = Date.now();
    seen.push(...(await Promise.all(phase.map((chain) => through(chain, running, watch, say)))).flat());
    const left = await watch.quiet(quietLimitMs);
    if (left.length > 0) say(`  STILL FIRING: ${left.join(', ')}`);
    never.push(...left);
    const named = new Set(faults.flatMap(({ alerts }) => alerts));
    const others = [...watch.firedSince(beganAt)].filter((alert) => !named.has(alert));
    if (others.length > 0) beside.push({ alerts: others, faults: faults.map(({ what }) => what) });
  }
  return { seen, left: never, beside };
}

async function through(chain: readonly Fault[], running: RunningSystem, watch: AlertWatch, say: (line: string) => void): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const fault of chain) seen.push(...(await goThrough(fault, running, watch, say)));
  return seen;
}

/** Whole chains: a later fault of one stands on those before it. */
function narrowed(phases: readonly Phase[], only = ''): Phase[] {
  const wanted = only.split(',');
  const isWanted = ({ alerts }: Fault) => alerts.some((alert) => wanted.some((part) => alert.includes(part)));
  return phases.map((phase) => phase.filter((chain) => chain.some(isWanted))).filter((phase) => phase.length > 0);
}
