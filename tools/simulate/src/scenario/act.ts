import type { Fate } from '../microsoft/fate';

/** What a customer does on our pages: comes with the purchase token, by the landing page of the publisher that sold it or by another's, and confirms. */
export type Visit = { readonly kind: 'Land'; readonly at: 'its own' | 'another' } | { readonly kind: 'Confirm' };

/** What an operator decides about a purchase that waits for it. */
export interface Decision {
  readonly kind: 'Approve' | 'Reject';
}

/** What we ask of Microsoft: an operator, or a product, by our own endpoints. */
export type Asking =
  | { readonly kind: 'AskForPlan'; readonly plan: string }
  | { readonly kind: 'AskForQuantity'; readonly quantity: number }
  | { readonly kind: 'AskForCancellation' };

/** Something that customers or Microsoft's billing do at Microsoft. */
export type Deed =
  | { readonly kind: 'ChangePlan'; readonly plan: string }
  | { readonly kind: 'ChangeQuantity'; readonly quantity: number }
  | { readonly kind: 'Suspend' | 'Reinstate' | 'Renew' | 'Unsubscribe' }
  /** Microsoft takes back a refused change of this member: an operation whose target is what is there (contract 4.5). */
  | { readonly kind: 'Revert'; readonly action: 'ChangePlan' | 'ChangeQuantity' }
  /** Microsoft activates the subscription by itself (contract 5.1): nobody announces it. */
  | { readonly kind: 'ActivateItself' }
  /** What changes without an operation: nobody announces it. */
  | { readonly kind: 'ToggleAutoRenew' | 'ChangeBeneficiary' };

export type Act = (Deed | Visit | Decision | Asking) & {
  readonly atMs: number;
  /** Names the act in its run, also after others were taken out: what happens to its operation depends on it. */
  readonly number: number;
  /** What becomes of its operation, where that is not left to chance. */
  readonly fate?: Partial<Fate>;
};

/** Something that is done at Microsoft, not with us. */
export type ActAtMicrosoft = Act & Deed;

export const isVisit = (act: Act): act is Act & Visit => act.kind === 'Land' || act.kind === 'Confirm';

export const isAsking = (act: Act): act is Act & Asking =>
  act.kind === 'AskForPlan' || act.kind === 'AskForQuantity' || act.kind === 'AskForCancellation';

export const isDecision = (act: Act): act is Act & Decision => act.kind === 'Approve' || act.kind === 'Reject';
