import { Gauge, register } from 'prom-client';
import type { Finding } from './finding';

/** How a registration was found. */
export interface CheckedState {
  readonly findings: readonly Finding[];
  /** By `performance.now()`; null where all is well, or only a notice is due. */
  readonly failingSince: number | null;
  /** When its credential ends; null where that is unknown. */
  readonly endsAtMs: number | null;
}

/** Shows at each scrape how the registrations stand. */
export function showSelfChecks(states: ReadonlyMap<string, CheckedState>): void {
  gauge(
    'marketplace_self_check_failing_seconds',
    'For how long the self-check of a registration has found something; 0 while all is well',
    (made) => {
      for (const [registration, { failingSince }] of states)
        made.set({ registration }, failingSince === null ? 0 : (performance.now() - failingSince) / 1_000);
    },
  );
  gauge(
    'publisher_credential_expires_seconds',
    'Until the secret, certificate or federated token of a registration ends; none where that is unknown',
    (made) => {
      made.reset();
      for (const [registration, { endsAtMs }] of states) if (endsAtMs !== null) made.set({ registration }, (endsAtMs - Date.now()) / 1_000);
    },
  );
}

/** Of the application that was made last. */
function gauge(name: string, help: string, collect: (made: Gauge<'registration'>) => void): void {
  register.removeSingleMetric(name);
  const made: Gauge<'registration'> = new Gauge({ name, help, labelNames: ['registration'], collect: () => collect(made) });
}
