import type { Refusal } from '@landfall/http-server';
import { collectDefaultMetrics, Histogram, register } from 'prom-client';
import { counter } from '../metrics/counter';

const DURATION = 'http_request_duration_seconds';
const refusedConnections = counter(
  'http_connections_refused_total',
  'Connections that were refused, since there were too many in all or of one address',
  { reason: ['connections', 'address'] satisfies Refusal[] },
);
/** From a fast insert to the longest held webhook (4 s) and a request that ran into its limits. */
const BUCKETS_SECONDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type RequestLabels = 'method' | 'route' | 'status_class';

/** Node's own metrics and those of requests, once per process: the register is global and refuses a name that it knows. */
export function collectProcessMetrics(): void {
  requestDuration();
  if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics();
}

/**
 * Rate, errors and duration of requests in one histogram. `route` is the template (`/subscriptions/:id`), never the path: labels must be few.
 */
export function measureRequest(request: { method: string; route: string; status: number; seconds: number }): void {
  requestDuration().observe(
    { method: request.method, route: request.route, status_class: `${Math.trunc(request.status / 100)}xx` },
    request.seconds,
  );
}

function requestDuration(): Histogram<RequestLabels> {
  const known = register.getSingleMetric(DURATION) as Histogram<RequestLabels> | undefined;
  return (
    known ??
    new Histogram({
      name: DURATION,
      help: 'Duration of HTTP requests by method, route template and class of status',
      labelNames: ['method', 'route', 'status_class'],
      buckets: BUCKETS_SECONDS,
    })
  );
}

/** Counts a connection that its server did not bear: one too many in all (`connections`), or of its address (`address`). */
export function countRefusedConnection(reason: Refusal): void {
  refusedConnections.inc({ reason });
}

export { register };
