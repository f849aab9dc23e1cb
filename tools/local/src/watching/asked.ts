import type { Watched } from '../contracts/reference/watched';
import { readQuery, withoutVariables } from './promql';
import type { Answer } from './prometheus';

/** Which queries a running Prometheus answered with data, with none, or not at all, each with the name of what asks it. */
export interface Asked {
  readonly answered: number;
  /** Nothing has happened yet that they would show, such as an error, or a call to a product. */
  readonly empty: readonly string[];
  readonly refused: readonly string[];
  /** The alerts whose condition holds now. */
  readonly holding: readonly string[];
}

/**
 * Asks every query of the dashboards, and of every alert the series that it looks at: an alert itself has no data while all is well. A rate over the usual
 * interval is asked over one that a system which has just been started can fill.
 */
export async function askAll({ alerts, dashboards }: Watched, ask: (query: string) => Promise<Answer>): Promise<Asked> {
  const conditions = await Promise.all(alerts.map(async ({ name, queries: [query] }) => ({ name, answer: await ask(query!) })));
  const queries = [
    ...dashboards.flatMap(({ name, queries: all }) => all.map((query) => ({ name, query: withoutVariables(query) }))),
    ...alerts.flatMap(({ name, queries: all }) => all.flatMap((query) => [...seriesOf(query)].map((series) => ({ name, query: series })))),
  ];
  const holding = conditions.filter(({ answer }) => answer.kind === 'data' && answer.series > 0).map(({ name }) => name);
  const refused = conditions.flatMap(({ name, answer }) => (answer.kind === 'error' ? [`${name}: ${answer.reason}`] : []));
  const asked = { answered: 0, empty: new Set<string>(), refused };
  for (const { name, query } of queries) {
    const answer = await ask(query);
    if (answer.kind === 'error') asked.refused.push(`${name}: ${answer.reason}: ${query}`);
    else if (answer.series === 0) asked.empty.add(`${name}: ${query}`);
    else asked.answered += 1;
  }
  return { ...asked, empty: [...asked.empty], holding };
}

const seriesOf = (query: string): Set<string> => new Set(readQuery(query).selectors.map(({ metric }) => metric));
