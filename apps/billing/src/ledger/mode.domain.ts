import { endOf, hourOf, type Hour, type Instant } from './hours';
import type { BillingMode } from './ledger';

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

/** Whether billing only watches in this hour. */
export const isShadow = (modes: readonly BillingMode[], hour: Hour): boolean =>
  modes.findLast(({ from }) => from <= hour)?.mode === 'shadow';
