import { Injectable } from '@nestjs/common';

/** `live`: a restart would help. `ready`: work can be sent here. */
export type HealthKind = 'live' | 'ready';
type HealthCheck = () => Promise<void> | void;
/** Gives what is to be told, or nothing. */
type Notice = () => string | undefined;

interface HealthReport {
  healthy: boolean;
  /** By name of the check; what is wrong, or `ok`. */
  checks: Record<string, string>;
  /** What somebody has to see to although the service works; absent where there is nothing. */
  notices?: Record<string, string>;
}

/** A check that takes longer counts as failed. Shorter than a probe's usual patience, so that the answer still arrives. */
export const HEALTH_CHECK_LIMIT_MS = 2_000;

const REASON_LENGTH = 200;
const NOTICE_LENGTH = 500;

interface RegisteredCheck {
  kind: HealthKind;
  name: string;
  check: HealthCheck;
  /** A check that hangs is not started a second time: probes must not pile up behind a database that is away. */
  running?: Promise<string> | undefined;
}

/** Collects what has a say in whether this process lives and may be sent work. */
@Injectable()
export class HealthRegistry {
  private readonly registered: RegisteredCheck[] = [];
  private readonly notices = new Map<string, Notice>();
  private phase: 'starting' | 'running' | 'stopping' = 'starting';

  /** Adds a check. It throws, or rejects, with the reason where something is wrong. */
  add(kind: HealthKind, name: string, check: HealthCheck): void {
    this.registered.push({ kind, name, check });
  }

  /**
   * Adds what is told beside the checks and takes no work away: all copies would lose it at once for a fault that they share, such as a
   * wrong file.
   */
  addNotice(name: string, notice: Notice): void {
    this.notices.set(name, notice);
  }

  /** From now on the service may be ready. */
  started(): void {
    this.phase = 'running';
  }

  /** From now on the service is not ready, whatever the checks say. */
  stopping(): void {
    this.phase = 'stopping';
  }

  get isStopping(): boolean {
    return this.phase === 'stopping';
  }

  async examine(kind: HealthKind): Promise<HealthReport> {
    const entries = this.registered.filter((entry) => entry.kind === kind);
    const results = await Promise.all(entries.map(async (entry) => [entry.name, await resultOf(entry)] as const));
    const checks = Object.fromEntries(results);
    if (kind === 'ready' && this.phase !== 'running') checks['service'] = this.phase;
    const notices = [...this.notices].flatMap(([name, notice]) => {
      const text = notice();
      return text === undefined ? [] : [[name, text.slice(0, NOTICE_LENGTH)]];
    });
    const healthy = Object.values(checks).every((result) => result === 'ok');
    return { healthy, checks, ...(notices.length > 0 ? { notices: Object.fromEntries(notices) } : {}) };
  }
}

function resultOf(entry: RegisteredCheck): Promise<string> {
  entry.running ??= outcomeOf(entry.check).finally(() => (entry.running = undefined));
  return withinLimit(entry.running);
}

async function outcomeOf(check: HealthCheck): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH) || 'failed';
  }
}

async function withinLimit(outcome: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${HEALTH_CHECK_LIMIT_MS} ms`), HEALTH_CHECK_LIMIT_MS);
  });
  try {
    return await Promise.race([outcome, limit]);
  } finally {
    clearTimeout(timer);
  }
}
