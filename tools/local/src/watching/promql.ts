import { parser } from '@prometheus-io/lezer-promql';

/** What a query asks for. */
export interface ReadQuery {
  /** Where it cannot be read, as the text from there on; none where it can. */
  readonly errors: readonly string[];
  /** Each series that it selects, with the labels that it selects by. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** The labels that it groups or joins by. */
  readonly groupedBy: readonly string[];
}

const shownLength = 40;

/** Grafana's own variables, and those of a dashboard, as Prometheus would get them. */
export const withoutVariables = (query: string): string =>
  query.replace(/\$__rate_interval|\$__interval|\$__range/g, '5m').replace(/\$\{?\w+(?::\w+)?\}?/g, '.*');

/** Reads a query in PromQL, after its variables were replaced. */
export function readQuery(query: string): ReadQuery {
  const errors: string[] = [];
  const selectors: { metric: string; labels: string[] }[] = [];
  const groupedBy: string[] = [];
  let isGrouping = false;
  parser.parse(query).iterate({
    enter(node) {
      const text = query.slice(node.from, node.to);
      if (node.type.isError) errors.push(query.slice(node.from, node.from + shownLength) || 'its end');
      if (node.name === 'VectorSelector') selectors.push({ metric: /^[a-zA-Z_:][\w:]*/.exec(text)?.[0] ?? '', labels: [] });
      if (node.name === 'GroupingLabels') isGrouping = true;
      if (node.name === 'LabelName') (isGrouping ? groupedBy : (selectors.at(-1)?.labels ?? groupedBy)).push(text);
    },
    leave(node) {
      if (node.name === 'GroupingLabels') isGrouping = false;
    },
  });
  return { errors, selectors, groupedBy };
}
