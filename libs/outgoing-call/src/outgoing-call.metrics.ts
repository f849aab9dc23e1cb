import { register } from '@landfall/service-defaults';
import { Histogram } from 'prom-client';
import type { Answered, Unanswered } from './outcome';

const DURATION = 'outgoing_call_duration_seconds';
/** From a product in the same cluster, over the 2 s of a veto, to the longest limit. */
const BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];

/** Stands for every host that the setting does not name: it comes from a URL, and labels must be few. */
const NOT_ALLOWED = 'not-allowed';

/** Made with the file, so that it is shown before the first call. The register is one per process, and refuses a name that it knows. */
const duration =
  (register.getSingleMetric(DURATION) as Histogram<'host' | 'outcome'> | undefined) ??
  new Histogram({
    name: DURATION,
    help: 'Duration of signed outgoing calls by allowed host and by class of status, or by the reason why there was no answer',
    labelNames: ['host', 'outcome'],
    buckets: BUCKETS_SECONDS,
  });

/** `host` is the entry of OUTGOING_HOSTS by which the call was allowed, `outcome` the class of the status or the reason why there is no answer. */
export function measureCall({
  host,
  outcome,
  seconds,
}: {
  host: string | undefined;
  outcome: Answered | Unanswered;
  seconds: number;
}): void {
  const label = outcome.kind === 'answered' ? `${Math.trunc(outcome.status / 100)}xx` : outcome.reason;
  duration.observe({ host: host ?? NOT_ALLOWED, outcome: label }, seconds);
}
