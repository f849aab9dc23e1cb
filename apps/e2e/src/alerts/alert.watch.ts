import { setTimeout as wait } from 'node:timers/promises';
import type { Alert, FiringAlert, RunningPrometheus } from '@landfall/local';

const lookIntervalMs = 500;

/** An alert by its name, and by its severity as well where two rules share the name. */
export function nameOf({ alert, labels }: Pick<Alert, 'alert' | 'labels'>, all: readonly Alert[]): string {
  const isShared = all.filter((one) => one.alert === alert).length > 1;
  return isShared ? `${alert} (${labels?.['severity']})` : alert;
}

/** Looks again and again which alerts fire, and remembers when each came and went. */
export class AlertWatch {
  private readonly timeline: { readonly alert: string; readonly firedAt: number; endedAt?: number }[] = [];
  private readonly stopped = new AbortController();
  private readonly looking: Promise<void>;

  constructor(
    private readonly prometheus: RunningPrometheus,
    private readonly rules: readonly Alert[],
    /** Ends every wait at once. */
    private readonly interrupted: AbortSignal,
  ) {
    this.looking = this.look();
  }

  /** Those that fire now, in their order of coming. */
  get firing(): string[] {
    return this.timeline.filter(({ endedAt }) => endedAt === undefined).map(({ alert }) => alert);
  }

  /** Those that have fired at any time since then. */
  firedSince(at: number): Set<string> {
    return new Set(this.timeline.filter(({ endedAt }) => endedAt === undefined || endedAt >= at).map(({ alert }) => alert));
  }

  /** How long after an instant it fired; null where it did not within the limit. */
  fired(alert: string, since: number, limitMs: number): Promise<number | null> {
    return this.until(
      limitMs,
      since,
      () => this.timeline.findLast((one) => one.alert === alert && (one.endedAt ?? Infinity) >= since)?.firedAt,
    );
  }

  /** How long after an instant it did not fire any more; null where it still does after the limit. */
  ended(alert: string, since: number, limitMs: number): Promise<number | null> {
    return this.until(limitMs, since, () => {
      const newest = this.timeline.findLast((one) => one.alert === alert);
      return newest ? newest.endedAt : since;
    });
  }

  /** Resolves with what still fires when nothing does, or when the limit is over. */
  async quiet(limitMs: number): Promise<string[]> {
    await this.until(limitMs, Date.now(), () => (this.firing.length === 0 ? Date.now() : undefined));
    return this.firing;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.looking;
  }

  private async until(limitMs: number, since: number, at: () => number | undefined): Promise<number | null> {
    for (const end = Date.now() + limitMs; Date.now() < end && !this.interrupted.aborted; await wait(lookIntervalMs)) {
      const instant = at();
      if (instant !== undefined) return Math.max(0, instant - since);
    }
    return null;
  }

  private async look(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const firing = await this.prometheus.firing().catch(() => undefined); // a look that fails is made up for by the next
      if (firing) this.took(new Set(firing.map((one) => this.nameOf(one))));
      await wait(lookIntervalMs);
    }
  }

  private took(firing: ReadonlySet<string>): void {
    const now = Date.now();
    for (const one of this.timeline) if (one.endedAt === undefined && !firing.has(one.alert)) one.endedAt = now;
    const known = new Set(this.firing);
    for (const alert of firing) if (!known.has(alert)) this.timeline.push({ alert, firedAt: now });
  }

  private nameOf({ labels }: FiringAlert): string {
    return nameOf({ alert: labels['alertname']!, labels }, this.rules);
  }
}
