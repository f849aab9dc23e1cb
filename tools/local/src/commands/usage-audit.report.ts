type ByReason = Readonly<Record<string, string>>;

/** What became of the usage of one plan and meter, as `GET /usage/sums` of billing tells it. */
export interface UsageSum {
  readonly planId: string | null;
  readonly meter: string;
  readonly recorded: string;
  readonly opening: string;
  readonly included: string;
  readonly accepted: string;
  readonly waiting: string;
  readonly uncertain: string;
  readonly withOperator: string;
  readonly carryForward: string;
  readonly shadowed: string;
  readonly unrated: string;
  readonly uncounted: string;
  readonly notReportable: ByReason;
  readonly writtenOff: ByReason;
  readonly credit: string;
}

export interface Audited {
  readonly subscriptionId: string;
  readonly sums: readonly UsageSum[];
  readonly differences: readonly {
    readonly planId: string | null;
    readonly meter: string;
    readonly term: string | null;
    readonly what: string;
    readonly difference: string;
  }[];
}

/** In the order of the sum: everything that was recorded, with the opening balance, is the total of what follows, less the credit. */
const quantities = {
  recorded: 'recorded',
  opening: '+ opening balance',
  included: 'included',
  accepted: 'accepted',
  waiting: 'waiting',
  uncertain: 'uncertain',
  withOperator: 'with an operator',
  carryForward: 'carry-forward',
  shadowed: 'charged by others',
  unrated: 'not rated yet',
  uncounted: 'not counted yet',
} as const;

/** Shown also where they are 0. */
const always: readonly string[] = ['recorded', 'included', 'accepted', 'carry-forward'];

function cellsOf(sum: UsageSum): Map<string, string> {
  const cells = new Map([
    ['plan', sum.planId ?? '–'],
    ['meter', sum.meter],
  ]);
  for (const [name, title] of Object.entries(quantities)) cells.set(title, sum[name as keyof typeof quantities]);
  for (const [reason, quantity] of Object.entries(sum.notReportable)) cells.set(`not reportable: ${reason}`, quantity);
  for (const [reason, quantity] of Object.entries(sum.writtenOff)) cells.set(`written off: ${reason}`, quantity);
  return cells.set('− credit', sum.credit);
}

/** The sums of one subscription as a table, and where they do not agree. */
export function linesOf({ subscriptionId, sums, differences }: Audited): string[] {
  const rows = sums.map(cellsOf);
  const isShown = (title: string) => always.includes(title) || rows.some((cells) => (cells.get(title) ?? '0') !== '0');
  const titles = [...new Set(rows.flatMap((cells) => [...cells.keys()]))]
    .filter(isShown)
    .sort((one, other) => placeOf(one) - placeOf(other));
  const table = [titles, ...rows.map((cells) => titles.map((title) => cells.get(title) ?? '0'))];
  const widths = titles.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const pad = (cell: string, column: number) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!));
  return [
    subscriptionId,
    ...(sums.length > 0 ? table.map((cells) => `  ${cells.map(pad).join('  ').trimEnd()}`) : ['  nothing was recorded']),
    ...differences.map(differenceLine),
  ];
}

const order = ['plan', 'meter', ...Object.values(quantities)];
const placeOf = (title: string): number => (order.includes(title) ? order.indexOf(title) : order.length + (title === '− credit' ? 1 : 0));

function differenceLine({ planId, meter, term, what, difference }: Audited['differences'][number]): string {
  const whose = [planId, meter, ...(term ? [`term of ${term}`] : [])].filter(Boolean).join(', ');
  return `  DIFFERENCE of ${difference} (${whose}): ${what}`;
}

/** The last line. */
export function resultOf(subscriptions: number, differences: number): string {
  const checked = `${subscriptions} ${subscriptions === 1 ? 'subscription' : 'subscriptions'} checked`;
  if (differences === 0) return `${checked}: all sums agree.`;
  return `${checked}: ${differences} ${differences === 1 ? 'sum does' : 'sums do'} not agree. docs/runbooks/LandfallUsageImbalance.md tells what to do.`;
}
