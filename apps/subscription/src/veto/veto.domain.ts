import { vetoQuestion, type Catalog, type VetoAnswer, type VetoQuestion } from '@landfall/contracts';
import { ignored, type JobOf, type Outcome } from '@landfall/messaging';
import { accepted, judge, type Veto } from '../operation/judgement.domain';
import { isUndecided, type Decision } from '../operation/operation';
import { withJudgement, withVerdict } from '../operation/verdict.domain';
import { findOperation, outcomeOf, type SubscriptionChange } from '../subscription/subscription';
import type { askProduct } from './veto.job';

type Reference = JobOf<typeof askProduct>['payload'];

/** What a product said about a change. `silent` has the reason for operators: also what is no answer is silence. */
export type ProductsWord =
  { readonly kind: 'answered'; readonly answer: VetoAnswer } | { readonly kind: 'silent'; readonly reason: string };

/** What a customer's administrator is told where the product is silent and the catalog then refuses. */
const SILENCE = 'Whether this change is possible cannot be found out at the moment. Please try again later, or contact us.';

/** The question to the product, and where it is asked. */
export interface AskedQuestion {
  readonly question: VetoQuestion;
  readonly veto: Veto;
}

/** What is asked about a change; null where there is nothing to ask, or not any more. */
export function questionOf(change: SubscriptionChange | undefined, reference: Reference, catalog: Catalog): AskedQuestion | null {
  const operation = change && findOperation(change, reference);
  if (!operation || !isUndecided(operation)) return null;
  const judged = judge(change, operation, catalog);
  if (judged.kind !== 'asks') return null;
  const { id: subscriptionId, publisherId, offerId, isPreview, tenantReference, planId, quantity } = change.subscription;
  const question = {
    ...{ subscriptionId, operationId: operation.operationId, action: operation.action, publisherId, offerId, isPreview, tenantReference },
    from: { planId, quantity },
    to: { planId: operation.planId ?? planId, quantity: operation.quantity ?? quantity },
  };
  return { question: vetoQuestion.parse(question), veto: judged.veto };
}

/** The verdict has to wait: the record or the catalog has changed while the product was asked, so that its word is about something else. */
export const ASK_AGAIN = 'what the product was asked is not true any more';

/**
 * Gives the verdict that was waited for, by the record and the catalog as they are now. Whoever comes second, or after Microsoft has ended the operation, changes
 * nothing. A word about what is not true any more decides nothing: then, or where nothing was asked, it is ignored as `ASK_AGAIN`.
 */
export function decideByProduct(
  change: SubscriptionChange | undefined,
  reference: Reference,
  catalog: Catalog,
  asked: AskedQuestion | null,
  word: ProductsWord | null,
): Outcome<SubscriptionChange> {
  const operation = change && findOperation(change, reference);
  if (!operation || !isUndecided(operation)) return ignored('it has been decided, or has ended');
  const judged = judge(change, operation, catalog);
  if (judged.kind === 'decided') return outcomeOf(withJudgement(change, operation, judged));
  if (!word || (word.kind === 'answered' && !isSameQuestion(asked, questionOf(change, reference, catalog)))) return ignored(ASK_AGAIN);
  return outcomeOf(withVerdict(change, operation, decisionOf(word, judged.veto)));
}

const isSameQuestion = (one: AskedQuestion | null, other: AskedQuestion | null): boolean =>
  one?.veto.url === other?.veto.url && JSON.stringify(one?.question) === JSON.stringify(other?.question);

function decisionOf(word: ProductsWord, { whenSilent }: Veto): Decision {
  if (word.kind === 'answered') {
    const { answer } = word;
    return answer.allowed ? { ...accepted, decidedBy: 'product' } : { verdict: 'refused', reason: answer.reason, decidedBy: 'product' };
  }
  return whenSilent === 'accept' ? { ...accepted, decidedBy: 'silence' } : { verdict: 'refused', reason: SILENCE, decidedBy: 'silence' };
}
