/** How long is waited for the verdict about a change, in milliseconds. */
export interface VetoLimits {
  /** So long after it was stored a question may still be asked, by the database's clock. */
  readonly askWithinMs: number;
  /** For the product's whole answer. */
  readonly answerWithinMs: number;
}

/**
 * The verdict is there after seven seconds at the latest, inside the ten after which Microsoft decides by itself (contract 4.5); a question that begins later
 * than that allows would come too late.
 */
export const vetoLimits: VetoLimits = { askWithinMs: 5_000, answerWithinMs: 2_000 };

/** Injection token of the limits. */
export const VETO_LIMITS = Symbol('veto-limits');
