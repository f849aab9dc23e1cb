import { endOf, hourOf, type Hour, type Instant } from './hours';
import type { BillingMode, Bucket, Phase } from './ledger';

/** What `BILLING_MODE` says: how billing treats the usage of a publisher that is not named, and of those that are. */
export interface ModeSetting {
  readonly others: BillingMode['mode'];
  readonly byPublisher: Readonly<Record<string, BillingMode['mode']>>;
}

/** What was set, and the first hour in which it holds. */
export interface ModeSet {
  readonly from: Hour;
  readonly setting: string;
}

const entryPattern = /^(?:([^=,\s]{1,50})=)?(live|shadow)$/;

/** `live`, `shadow`, or one of them and exceptions by publisher: `shadow,contoso=live`. Null: it can't be read. */
export function readMode(text: string): ModeSetting | null {
  const byPublisher: Record<string, BillingMode['mode']> = {};
  const others: BillingMode['mode'][] = [];
  for (const entry of text.split(',')) {
    const [, publisherId, mode] = entryPattern.exec(entry.trim()) ?? [];
    if (mode !== 'live' && mode !== 'shadow') return null;
    if (publisherId === undefined) others.push(mode);
    else if (Object.hasOwn(byPublisher, publisherId)) return null;
    else byPublisher[publisherId] = mode;
  }
  return others.length === 1 ? { others: others[0]!, byPublisher } : null;
}

/**
 * What has to be kept when a copy of billing starts with this setting; null: nothing. The first one holds for all time; another one from the next full hour on, so that no hour is
 * partly reported.
 */
export function changeOfMode(kept: readonly ModeSet[], setting: string, now: Instant): ModeSet | null {
  const last = kept.at(-1);
  if (last?.setting === setting) return null;
  return { from: last ? Math.max(endOf(hourOf(now)), last.from) : 0, setting }; // clocks of copies differ
}

/** The modes of one publisher, by their beginnings. @throws Error where somebody has changed what was kept */
export const modesOf = (kept: readonly ModeSet[], publisherId: string): readonly BillingMode[] =>
  kept.map(({ from, setting }) => {
    const read = readMode(setting);
    if (!read)
      throw new Error(`billing.modes has ${JSON.stringify(setting)}, which is no BILLING_MODE: no usage is reported before it is mended`);
    return { from, mode: read.byPublisher[publisherId] ?? read.others };
  });

/** Whether billing only watches in this hour, and since when it does, or does not. */
export function phaseAt(modes: readonly BillingMode[], hour: Hour): Omit<Phase, 'quantity'> {
  const mode = modes.findLast(({ from }) => from <= hour);
  return { from: mode?.from ?? 0, isShadowed: mode?.mode === 'shadow' };
}

/** Whether billing only watches in this hour. */
export const isShadow = (modes: readonly BillingMode[], hour: Hour): boolean => phaseAt(modes, hour).isShadowed;

/**
 * The mode in which usage counts. It is somebody else's where its hour is, and where it would be reported under an hour that is: what is used under a new plan in the last live hour joins the
 * next one, which the other system reports.
 */
export function phaseOf(modes: readonly BillingMode[], hour: Hour, billedIn: Hour): Omit<Phase, 'quantity'> {
  const own = phaseAt(modes, hour);
  const next = phaseAt(modes, billedIn);
  return next.isShadowed && !own.isShadowed ? next : own;
}

/** Whether it was rated before the mode was set that holds for it now. */
export const isOfOtherMode = (modes: readonly BillingMode[], { hour, rated }: Pick<Bucket, 'hour' | 'rated'>): boolean =>
  rated.some((part) => {
    if (part.kind !== 'counted') return false;
    const { from, isShadowed } = phaseOf(modes, hour, part.billedIn);
    return from !== (part.since ?? 0) || isShadowed !== (part.isShadowed ?? false);
  });
