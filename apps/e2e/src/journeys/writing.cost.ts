import type { WrittenTransactions } from '@landfall/local';

/** What a change makes a service write. */
export interface WritingCost {
  /** Transactions that wrote or locked something: each waits for the disk. */
  readonly commits: number;
  /** Rows inserted, updated or deleted. */
  readonly rows: number;
  /** Log of Postgres, without the whole pages that follow a checkpoint. */
  readonly walKb: number;
  /** Which tables were written together, and how often for one change. */
  readonly transactions: readonly string[];
}

type Figure = 'commits' | 'rows' | 'walKb';
export type WritingBudget = Readonly<Record<Figure, Readonly<Record<string, number>>>>;

/**
 * What more there may be than the budget. Rows are exact, as a row more for each change is to be seen; what is committed together depends a little on the machine, and
 * the length of the log on the values.
 */
const allowed: Readonly<Record<Figure, (budget: number) => number>> = {
  rows: (budget) => budget + 0.5,
  commits: (budget) => budget + 1,
  walKb: (budget) => budget * 1.1 + 0.1,
};

/** Positions are saved by time, and so as often as the machine is slow. */
const byTime = new Set(['relay_position', 'read_back']);

/** What was written, without transactions that only saved a position. */
export const withoutPositions = (written: readonly WrittenTransactions[]): WrittenTransactions[] =>
  written.filter(({ rows }) => Object.keys(rows).length === 0 || Object.keys(rows).some((table) => !byTime.has(table)));

/** The cost of one of several changes, by schema. */
export function writingCosts(written: readonly WrittenTransactions[], changes: number): Map<string, WritingCost> {
  const costs = new Map<string, WritingCost>();
  for (const { schema, rows, transactions, bytes } of withoutPositions(written)) {
    const cost = costs.get(schema) ?? { commits: 0, rows: 0, walKb: 0, transactions: [] };
    const counted = Object.entries(rows).filter(([table]) => !byTime.has(table));
    const together = counted.map(([table, count]) => (count === 1 ? table : `${count} ${table}`)).join(' + ') || 'nothing but a lock';
    costs.set(schema, {
      commits: cost.commits + transactions / changes,
      rows: cost.rows + (transactions * counted.reduce((sum, [, count]) => sum + count, 0)) / changes,
      walKb: cost.walKb + bytes / 1_000 / changes,
      transactions: [...cost.transactions, `${round(transactions / changes)} × (${together})`],
    });
  }
  return costs;
}

/**
 * Where changes cost more than the budget each time that they were measured: what more there is has then not come from what the machine did meanwhile. A schema that the
 * budget does not name may write nothing. Empty: all is within it.
 */
export function overWriting(measured: readonly ReadonlyMap<string, WritingCost>[], budget: WritingBudget): string[] {
  const schemas = [...new Set(measured.flatMap((costs) => [...costs.keys()]))];
  return schemas.flatMap((schema) =>
    (Object.keys(allowed) as Figure[]).flatMap((figure) => {
      const least = Math.min(...measured.map((costs) => costs.get(schema)?.[figure] ?? 0));
      const limit = budget[figure][schema] ?? 0;
      if (least <= allowed[figure](limit)) return [];
      const [first] = measured.flatMap((costs) => costs.get(schema) ?? []);
      return [`${schema}: ${round(least)} ${figure}, and the budget is ${limit}. Written together: ${first!.transactions.join(', ')}`];
    }),
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;
