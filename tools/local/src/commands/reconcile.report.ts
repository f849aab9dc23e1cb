/** A sweep as `GET /reconciliations/{id}` of fulfillment tells it. */
export interface Sweep {
  readonly id: string;
  readonly registration: string;
  readonly state: 'running' | 'complete' | 'incomplete';
  readonly reason: string | null;
  readonly isWhole: boolean;
  readonly tally: {
    readonly pages: number;
    readonly read: number;
    readonly published: number;
    readonly others: number;
    readonly unread: number;
    readonly unnamed: number;
    readonly unlisted: number;
    readonly operations: number;
  };
  readonly found: { readonly known: number; readonly missing: number; readonly ended: number; readonly unknown: number } | null;
  readonly asks: readonly ('loss' | 'import')[];
  readonly answers: Readonly<Partial<Record<'loss' | 'import', string>>>;
  readonly missing: readonly { readonly subscriptionId: string; readonly missed: number }[];
  readonly findings: readonly { readonly subscriptionId: string; readonly finding: string }[];
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** How far a sweep is that takes long, and where it has not gone on since it was `told` of last, why. `notices` are those of fulfillment's self-check. */
export function progressLineOf(
  { tally }: Pick<Sweep, 'tally'>,
  told: Pick<Sweep, 'tally'> | undefined,
  notices: readonly string[],
): string {
  const far = `${plural(tally.pages, 'page', 'pages')} listed, ${tally.read} read`;
  const hasGoneOn = tally.pages > (told?.tally.pages ?? 0) || tally.read > (told?.tally.read ?? 0);
  if (hasGoneOn) return `The sweep is under way: ${far}.`;
  const why = notices.length > 0 ? notices.join('; ') : 'Microsoft does not answer';
  return `The sweep waits (${far}): ${why}. It goes on by itself, also after Ctrl-C.`;
}

/** What a sweep found, in lines for people. */
export function linesOf({ id, registration, state, reason, isWhole, tally, found, asks, answers, missing, findings }: Sweep): string[] {
  const lines = [
    state === 'complete'
      ? `Compared the record with Microsoft's list of ${registration}: ${plural(found!.known, 'subscription', 'subscriptions')} known, ${plural(tally.pages, 'page', 'pages')} listed.`
      : `The sweep over the list of ${registration} did not come to its end: ${reason}. Nothing is said of what is missing.`,
    `${tally.read} read${isWhole ? ' (everything, as once a day)' : ''}, ${tally.published} handed to the record.`,
  ];
  if (tally.operations > 0) lines.push(`${plural(tally.operations, 'outstanding operation', 'outstanding operations')} taken up.`);
  if (tally.others > 0) lines.push(`${tally.others} listed that belong to another registration: left alone.`);
  if (tally.unread > 0) lines.push(`${tally.unread} could not be read: the next sweep tries again.`);
  if (tally.unlisted > 0)
    lines.push(`Of ${tally.unlisted} it could not be listed what awaits our answer: they are asked again when they are read next.`);
  if (tally.unnamed > 0)
    lines.push(
      `${plural(tally.unnamed, 'entry', 'entries')} of the list without an id that can be read: nothing is called missing by this sweep.`,
    );
  if (found && found.ended > 0) lines.push(`${found.ended} ended at Microsoft.`);
  for (const one of missing) lines.push(`${one.subscriptionId} is missing at Microsoft, for ${plural(one.missed, 'sweep', 'sweeps')}.`);
  for (const one of findings) lines.push(`${one.subscriptionId} is kept back: ${one.finding}.`);
  const open = asks.filter((question) => !answers[question]);
  if (open.length > 0) lines.push(`An operator is asked (${open.join(', ')}): docs/how-to/reconcile.md tells how to answer for ${id}.`);
  return lines;
}

/** Ends that nobody is asked about are told right after the sweep. Until then they stand among its findings, and no drift names them. */
export const isHandingOver = ({ asks, findings }: Pick<Sweep, 'asks' | 'findings'>): boolean =>
  !asks.includes('loss') && findings.some(({ finding }) => finding === 'ended');

/** Whether the record may have taken over something of what the sweep found, or been told of what is kept back or missing. */
export const mayHaveDrifts = ({ tally, found, missing, findings }: Pick<Sweep, 'tally' | 'found' | 'missing' | 'findings'>): boolean =>
  tally.published > 0 || (found?.ended ?? 0) > 0 || missing.length > 0 || findings.length > 0;

/** A drift as `GET /drifts` of the subscription service tells it. */
export interface Drift {
  readonly subscriptionId: string;
  readonly member: string;
  readonly ours: unknown;
  readonly microsofts: unknown;
  readonly state: 'open' | 'repaired' | 'over';
  readonly keptReason: string | null;
}

/** So many drifts are printed; the others are counted. */
const SHOWN = 20;

const inShort = (value: unknown): string => JSON.stringify(value).slice(0, 80);

/** Of a subscription that only Microsoft had. */
function importLineOf({ subscriptionId, microsofts, state, keptReason }: Drift): string {
  const { status, planId, quantity } = microsofts as { status: string; planId: string; quantity: number | null };
  const bought = `${planId}${quantity === null ? '' : ` × ${quantity}`}, ${status}`;
  const became = { repaired: 'imported', open: `not imported (${keptReason})`, over: 'over' }[state];
  return `${subscriptionId}: bought, not known here: ${became} (${bought}).`;
}

/** Where the record differed, in lines for people. */
export function driftLinesOf({ items, next }: { readonly items: readonly Drift[]; readonly next: string | null }): string[] {
  const lines = items.slice(0, SHOWN).map((drift) => {
    const { subscriptionId, member, ours, microsofts, state, keptReason } = drift;
    if (member === 'subscription' && ours === null) return importLineOf(drift);
    const differed = `${subscriptionId}: ${member} was ${inShort(ours)} here and ${inShort(microsofts)} at Microsoft`;
    return `${differed}, ${state === 'open' ? `not repaired (${keptReason})` : state}.`;
  });
  const left = items.length - lines.length;
  if (left > 0) lines.push(`${left}${next ? ' or more' : ''} others: docs/how-to/look-into-a-drift.md tells how to list them.`);
  return lines;
}
