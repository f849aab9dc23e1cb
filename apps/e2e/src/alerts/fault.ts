import type { AlertWatch } from './alert.watch';
import type { RunningSystem } from './running.system';

/** What is broken in a running system so that alerts come, and how it is mended so that they go. */
export interface Fault {
  /** In words, for the page. */
  readonly what: string;
  readonly cure: string;
  /** The alerts that come of it, each as `nameOf` says. */
  readonly alerts: readonly string[];
  /** Resolves when it is broken. */
  begin(system: RunningSystem): Promise<void>;
  /** Done again and again until the alerts fire, where they need something that goes on. A failure of it says nothing: much is broken then. */
  keepOn?(system: RunningSystem): Promise<unknown>;
  /** Resolves when it is mended; the alerts end by themselves after that. */
  end(system: RunningSystem): Promise<void>;
}

/** How an alert went through a fault. */
export interface Seen {
  readonly alert: string;
  readonly fault: Pick<Fault, 'what' | 'cure'>;
  /** From the beginning of the fault to the alert, and from its end to the end of the alert; null where it did not come within the limit. */
  readonly firedAfterMs: number | null;
  readonly endedAfterMs: number | null;
  /** Why nothing was seen, where the fault itself could not be made. */
  readonly failure?: string;
}

/** The slowest alert here has 45 s to be there; the rest is for a busy machine. */
const fireLimitMs = 150_000;
/** The slowest end is the window of restarts, two minutes. */
const endLimitMs = 200_000;
const betweenMs = 1_000;

/** Makes a fault, waits for its alerts, mends it, and waits for their end. It never rejects: what did not come is in the answer. */
export async function goThrough(fault: Fault, system: RunningSystem, watch: AlertWatch, say: (line: string) => void): Promise<Seen[]> {
  const { what, cure, alerts } = fault;
  const fired = new Map<string, number | null>();
  const ended = new Map<string, number | null>();
  let failure: string | undefined;
  try {
    const beganAt = Date.now();
    await fault.begin(system);
    const goingOn = new AbortController();
    const kept = keepOn(fault, system, goingOn.signal);
    await Promise.all(alerts.map(async (alert) => fired.set(alert, await watch.fired(alert, beganAt, fireLimitMs))));
    goingOn.abort();
    await kept;
  } catch (error) {
    failure = String(error);
  }
  try {
    const endedAt = Date.now();
    await fault.end(system);
    await Promise.all(alerts.map(async (alert) => ended.set(alert, await watch.ended(alert, endedAt, endLimitMs))));
  } catch (error) {
    failure ??= String(error);
  }
  const seen = alerts.map((alert) => ({
    ...{ alert, fault: { what, cure }, failure },
    ...{ firedAfterMs: fired.get(alert) ?? null, endedAfterMs: ended.get(alert) ?? null },
  }));
  for (const one of seen) say(lineOf(one));
  return seen;
}

async function keepOn(fault: Fault, system: RunningSystem, stop: AbortSignal): Promise<void> {
  while (fault.keepOn && !stop.aborted) {
    await fault.keepOn(system).catch(() => undefined); // much is broken then: only the alert says whether it was enough
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
}

const seconds = (ms: number | null): string => (ms === null ? 'NOT' : `after ${Math.round(ms / 1_000)} s`);

const lineOf = ({ alert, firedAfterMs, endedAfterMs, failure }: Seen): string =>
  `  ${alert}: fired ${seconds(firedAfterMs)}, ended ${seconds(endedAfterMs)}${failure ? ` (${failure})` : ''}`;
