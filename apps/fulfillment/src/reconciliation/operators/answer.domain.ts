import { changed, refused, type Outcome } from '@landfall/messaging';
import { followDifferences } from '../difference/difference.job';
import { findingsOf } from '../guard.domain';
import { questions, type Answer, type Answered, type Asked, type Question } from '../reconciliation';
import { releaseFindings } from '../reconciliation.job';

/** What a sweep keeps back is let through, as far as these questions are about it; all that are open, where none is named. */
export function letThrough(asked: Asked, named?: readonly Question[]): Outcome<Answered> {
  const about = named ?? openOf(asked);
  const refusal = refusalOf(asked, about);
  if (refusal !== null) return refused(refusal);
  const { id: reconciliationId, registration, ended } = asked;
  if (about.includes('loss') && ended === 0) return refused(about.includes('import') ? onlyImport : nothingKeptBack);
  const release = releaseFindings({ reconciliationId, registration, findings: findingsOf(about), handedOver: [], told: [] });
  return changed(answered(asked, about, 'released'), release);
}

const nothingKeptBack =
  'All that this sweep has lost is missing at Microsoft, and nothing is ended by that: there is nothing to let through. Dismiss it to be asked no more about these';
const onlyImport = `${nothingKeptBack}, and let through the import alone: \`"questions": ["import"]\``;

/** What a sweep keeps back is not to happen, and what it did not show may be missing: also where it is so little that it is not asked about. */
export function dismissed(asked: Asked, named?: readonly Question[]): Outcome<Answered> {
  const about = named ?? (asked.asks.length === 0 && missesFew(asked) ? ['loss' as const] : openOf(asked));
  const isFew = about.includes('loss') && missesFew(asked);
  const refusal = refusalOf(isFew ? { ...asked, asks: [...asked.asks, 'loss'] } : asked, about);
  if (refusal !== null) return refused(refusal);
  return changed(answered(asked, about, 'dismissed'), followDifferences({ registration: asked.registration, after: null }));
}

/** What was dismissed with a sweep is found again by the next one, which asks about it or lets it through as if nobody had answered. */
export function withdrawn(asked: Asked, named?: readonly Question[]): Outcome<Answered> {
  const isDismissed = (question: Question) => asked.answers[question] === 'dismissed';
  const about = named ?? questions.filter(isDismissed);
  if (about.length === 0 || !about.every(isDismissed)) return refused(notDismissed(asked, about));
  return changed(answered(asked, about, 'withdrawn'), followDifferences({ registration: asked.registration, after: null }));
}

const notDismissed = ({ answers }: Asked, about: readonly Question[]): string => {
  const others = about
    .filter((question) => answers[question] !== 'dismissed')
    .map((question) => `${question}: ${answers[question] ?? 'no answer'}`);
  return others.length > 0 ? `Only a dismissal can be taken back (${others.join(', ')})` : 'Nothing was dismissed with this sweep';
};

/** Whether what is missing is dismissed with it: not where only an import is answered. */
export const dismissesMissing = (about: readonly Question[]): boolean => about.includes('loss');

const openOf = ({ asks, answers }: Asked): Question[] => asks.filter((question) => answers[question] === undefined);

/** So few that nobody is asked about them. */
const missesFew = ({ asks, answers, missing = 0 }: Asked): boolean => missing > 0 && !asks.includes('loss') && answers.loss === undefined;

const answered = (asked: Asked, about: readonly Question[], answer: Answer): Answered => ({
  ...asked,
  ...{ about, answers: { ...asked.answers, ...Object.fromEntries(about.map((question) => [question, answer])) } },
});

/** Why these can't be answered; null where they can. */
function refusalOf({ asks, answers }: Asked, about: readonly Question[]): string | null {
  if (Object.values(answers).includes('superseded')) return 'A newer sweep of this registration has ended since: look at that one';
  const before = asks.filter((question) => answers[question] !== undefined && (about.length === 0 || about.includes(question)));
  if (before.length > 0) return `This was answered already: ${before.map((question) => `${question} ${answers[question]}`).join(', ')}`;
  if (asks.length === 0) return 'This sweep asks nothing';
  const others = about.filter((question) => !asks.includes(question));
  return others.length === 0 ? null : `This sweep asks nothing about ${others.join(' and ')}`;
}
