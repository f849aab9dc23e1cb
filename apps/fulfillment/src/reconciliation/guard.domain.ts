import type { Asked, Answer, Finding, Question } from './reconciliation';

/** More than this share of a publisher's subscriptions does not end at once without somebody looking. */
export const LOST_SHARE = 0.05;
/** Of a small publisher, so many may end at once all the same. */
export const LOST_FEW = 3;
/** So many complete sweeps in a row that do not show a subscription have an operator told of it. It is never cancelled by that. */
export const MISSED_SWEEPS = 3;

/** What a sweep found of one publisher. */
export interface Found {
  /** Subscriptions of this registration that the record has, and that have not ended there. */
  readonly known: number;
  /** Those of them that Microsoft does not list any more; none where the list was not followed to its end. */
  readonly missing: number;
  /** Those of them that Microsoft shows as Unsubscribed. */
  readonly ended: number;
  /** Subscriptions that are not imported before an operator allows it. */
  readonly unknown: number;
}

/** What a sweep keeps back. */
export interface KeptBack extends Pick<Found, 'ended' | 'unknown'> {
  /** Ends of subscriptions that became known here while it ran, as by its own import: what was not known is no loss. */
  readonly endedSinceKnown: number;
}

/**
 * Whether so many subscriptions are gone at once that this looks like a wiped or strange answer of Microsoft rather than like customers: more than
 * 5 % of them and more than three, or all of several.
 */
export const isMassLoss = ({ known, missing, ended }: Pick<Found, 'known' | 'missing' | 'ended'>): boolean => {
  const lost = missing + ended;
  return lost > Math.max(LOST_FEW, known * LOST_SHARE) || (known > 1 && lost === known);
};

/** What counts of a sweep that has not come to its end: null where that is nothing. */
export const foundOnTheWay = (kept: Found): Found | null => (kept.ended + kept.unknown > 0 ? { ...kept, missing: 0 } : null);

/** What an operator is asked after a sweep. Where that is about a loss, the ends that were found wait for the answer, and nothing else does. */
export function questionsOf(found: Found): Question[] {
  const questions: Question[] = [];
  if (isMassLoss(found)) questions.push('loss');
  if (found.unknown > 0) questions.push('import');
  return questions;
}

/** What an answer to these is about. */
export const findingsOf = (asks: readonly Question[]): Finding[] => asks.map((question) => (question === 'loss' ? 'ended' : 'unknown'));

/** Where such findings are kept back, and many of them are lost, or none may be imported: what is asked then. */
export const questionAbout: Readonly<Record<Finding, Question>> = { ended: 'loss', unknown: 'import' };

/** How an operator has answered what a sweep asks about such a finding. What it does not ask about it lets through by itself, whatever it was told of the rest. */
export const answerAbout = (finding: Finding, { asks, answers }: Pick<Asked, 'asks' | 'answers'>): Answer | undefined =>
  asks.includes(questionAbout[finding]) ? answers[questionAbout[finding]] : undefined;

/** What happens without an operator: ends, unless so many are lost; and imports, where an operator has allowed them while the sweep was under way. */
export function letThroughUnasked({ ended, endedSinceKnown, unknown }: KeptBack, asks: readonly Question[]): Finding[] {
  const findings: Finding[] = [];
  if (ended + endedSinceKnown > 0 && !asks.includes('loss')) findings.push('ended');
  if (unknown > 0 && !asks.includes('import')) findings.push('unknown');
  return findings;
}
