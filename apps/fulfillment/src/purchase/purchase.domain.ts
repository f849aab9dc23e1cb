import type { DataOf, MessageOf, purchaseOpened, purchaseUnresolved } from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { resolvePurchase } from './purchase.job';

/**
 * So long Microsoft is asked what a token stands for. The customer looks at a page meanwhile, and after it reads what to do: to come again with
 * a new token.
 */
export const RESOLVE_LIMIT_MS = 10 * 60_000;

/** A customer looks at a page meanwhile, and an answer that leaves something out may have it the next time. */
const BACKOFF: Backoff = { firstMs: 500, limitMs: 15_000 };

/** Until Microsoft is asked again that has answered, but not with what was bought; after so many attempts. */
export const untilResolvedAgainMs = (attempts: number): number => backoffMs(attempts, BACKOFF);

/** A customer came with a purchase token: Microsoft is asked what it stands for. */
export const orderResolution = (_operation: undefined, { data }: MessageOf<typeof purchaseOpened>): Outcome<undefined> =>
  changed(undefined, resolvePurchase(data));

/** How Resolve failed. `rejected` comes with Microsoft's own explanation; `unanswered` is everything that tells nothing about the token. */
export type ResolveFailure =
  | { readonly kind: 'rejected'; readonly explanation: string }
  | { readonly kind: 'not-found' | 'forbidden' | 'other-registration' | 'unanswered' };

/** What the customer is to be told, or null where Microsoft is to be asked again. `ageMs` is how long ago the customer came. */
export function unresolvedReason(failure: ResolveFailure, ageMs: number): DataOf<typeof purchaseUnresolved>['reason'] | null {
  const isOver = ageMs >= RESOLVE_LIMIT_MS;
  switch (failure.kind) {
    case 'rejected': // Microsoft documents no code (contract 3.3): where its words tell, the customer gets the better explanation
      return /expir/i.test(failure.explanation) ? 'token-expired' : 'token-rejected';
    case 'not-found':
      return 'not-found';
    case 'other-registration': // the landing page of one publisher led to what another one sold
      return 'not-ours';
    case 'forbidden': // mostly our own registration's fault (contract 5.5), so the customer waits; what stays forbidden is not ours
      return isOver ? 'not-ours' : null;
    case 'unanswered':
      return isOver ? 'not-answered' : null;
  }
}
