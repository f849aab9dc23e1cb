import type { Fate } from '../microsoft/fate';

/** Something that customers or Microsoft's billing do. */
export type Deed =
  | { readonly kind: 'ChangePlan'; readonly plan: string }
  | { readonly kind: 'ChangeQuantity'; readonly quantity: number }
  | { readonly kind: 'Suspend' | 'Reinstate' | 'Renew' | 'Unsubscribe' }
  /** Microsoft takes back a refused change of this member: an operation whose target is what is there (contract 4.5). */
  | { readonly kind: 'Revert'; readonly action: 'ChangePlan' | 'ChangeQuantity' }
  /** What changes without an operation: nobody announces it. */
  | { readonly kind: 'ToggleAutoRenew' | 'ChangeBeneficiary' };

export type Act = Deed & {
  readonly atMs: number;
  /** Names the act in its run, also after others were taken out: what happens to its operation depends on it. */
  readonly number: number;
  /** What becomes of its operation, where that is not left to chance. */
  readonly fate?: Partial<Fate>;
};
