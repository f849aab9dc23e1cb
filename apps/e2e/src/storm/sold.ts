/** The plans of every offer, all priced per seat, so that plan and quantity both change. */
export const plans = ['silver', 'gold', 'platinum'] as const;

/**
 * What is sold in a storm. `unnamed`: the catalog does not name it, so nothing is refused. `ruled`: the catalog refuses some changes. `asked` and `strict`: the product is asked, and
 * its silence accepts or refuses. `reviewed`: a purchase waits until an operator has approved it.
 */
export type OfferKind = 'unnamed' | 'ruled' | 'asked' | 'strict' | 'reviewed';
