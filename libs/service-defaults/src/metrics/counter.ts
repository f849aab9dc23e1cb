import { Counter, register } from 'prom-client';

/** By label, the values that it can have. */
export type LabelValues<Label extends string> = Readonly<Record<Label, readonly string[]>>;

/**
 * Counts events. It begins at 0 for all values that its labels can have together: `increase(…) > 0` sees a first event only where a 0 was seen before it. Where
 * not every value of one label comes with every value of another, `values` are several groups. A label without values is known later, by `beginAtZero`.
 *
 * `name` ends in `_total`. The register is one per process: where several applications run in one, as in specs, they share the counter.
 */
export function counter<Label extends string = never>(name: string, help: string, ...values: LabelValues<Label>[]): Counter<Label> {
  const known = register.getSingleMetric(name) as Counter<Label> | undefined;
  if (known) return known;
  const made = new Counter({ name, help, labelNames: Object.keys(values[0] ?? {}) as Label[] });
  for (const group of values) beginAtZero(made, group);
  return made;
}

/** Begins at 0 for values that are known only when the service starts. What was counted stays. */
export function beginAtZero<Label extends string>(begun: Counter<Label>, values: LabelValues<Label>): void {
  for (const labels of combinationsOf(values)) begun.inc(labels, 0);
}

function combinationsOf<Label extends string>(values: LabelValues<Label>): Partial<Record<Label, string>>[] {
  const labels = Object.entries(values) as [Label, readonly string[]][];
  return labels.reduce<Partial<Record<Label, string>>[]>(
    (combinations, [label, each]) => combinations.flatMap((combination) => each.map((value) => ({ ...combination, [label]: value }))),
    [{}],
  );
}
