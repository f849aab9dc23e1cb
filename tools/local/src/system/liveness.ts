import { setTimeout as wait } from 'node:timers/promises';
import type { RunningPart } from './supervised';

export interface LivenessOptions {
  managementUrl: string;
  /** Called once, when it is given up and before it is killed, with the time in which it never said that it is live. */
  onGivenUp(seconds: number): void;
  intervalMs?: number;
  limitMs?: number;
}

const probeIntervalMs = 5_000;
const probeLimitMs = 5_000;
/** In a row: a clock that jumps while the machine sleeps is not the service's fault. */
const leastProbes = 3;

/** A busy machine lets a good service miss a probe or two; one that answers none for so long stays as it is until it is started anew. */
const notLiveLimitMs = 30_000;

/**
 * Asks a service that runs whether it is live, until it ends. One that says 503, or nothing at all, for `limitMs` is killed by SIGKILL: it may well not be able
 * to stop by itself any more. Whoever supervises it then starts it again.
 */
export async function watchLiveness(running: RunningPart, options: LivenessOptions): Promise<void> {
  const { managementUrl, onGivenUp, intervalMs = probeIntervalMs, limitMs = notLiveLimitMs } = options;
  const ending = new AbortController();
  void running.ended.then(() => ending.abort());
  let failed = 0;
  let liveAt = Date.now();
  while (!ending.signal.aborted) {
    await wait(intervalMs, undefined, { ref: false, signal: ending.signal }).catch(() => undefined);
    if (ending.signal.aborted) return;
    if (await isLive(managementUrl, Math.min(probeLimitMs, limitMs))) [failed, liveAt] = [0, Date.now()];
    else failed++;
    const notLiveMs = Date.now() - liveAt;
    if (failed < leastProbes || notLiveMs < limitMs || ending.signal.aborted) continue;
    onGivenUp(Math.round(notLiveMs / 1000));
    return running.kill();
  }
}

async function isLive(managementUrl: string, limitMs: number): Promise<boolean> {
  try {
    const { ok } = await fetch(`${managementUrl}/health/live`, { signal: AbortSignal.timeout(limitMs) });
    return ok;
  } catch {
    return false; // no answer is an answer; it is counted
  }
}
