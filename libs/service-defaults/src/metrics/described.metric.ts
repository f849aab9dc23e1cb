import { register } from 'prom-client';

/** One metric, for the reference of metrics. */
export interface DescribedMetric {
  readonly name: string;
  /** `counter`, `gauge`, `histogram` or `summary`. */
  readonly kind: string;
  /** What it counts or measures. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** As prom-client keeps them; its types leave out what kind of metric one is. */
interface Registered {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly constructor: { readonly name: string };
}

/** All metrics that this process has made until now, by name. */
export const describedMetrics = (): DescribedMetric[] =>
  (register.getMetricsAsArray() as unknown as Registered[])
    .map((metric) => ({
      name: metric.name,
      kind: metric.constructor.name.toLowerCase(),
      help: metric.help,
      labels: metric.labelNames ?? [],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
