import { z } from 'zod';
import type { ValuesOf } from './field.kinds';

/** How the fulfillment API writes what it answers, where documents, schema and live traffic differ (contract 3.2, 3.5, 3.7). */
export const answerSettings = {
  /** `term.chargeDuration`: in the schema since 2025, and not in what was seen live before. Webhooks always have it. */
  chargeDurationInRest: z.enum(['absent', 'present']),
  /** `quantity` at a flat rate: absent in live traffic, an empty text in the documents. */
  flatRateQuantityInRest: z.enum(['absent', 'null', 'empty', 'one']),
  /** `maxQuantity` of a plan without a maximum: unverified (contract 1.4). `large`: a million. */
  maxQuantityWhenUnlimited: z.enum(['absent', 'large']),
  /** `units` of an included quantity without limit: unverified (contract 6.3). `text`: unlimited. */
  unlimitedUnits: z.enum(['text', 'minus-one', 'empty']),
  /** Whether the list of plans shows a private offer's own prices and included quantities: not documented (contract 1.2, 3.7). */
  privateOfferInPlans: z.enum(['shown', 'hidden']),
  /** `blanks`: around `saasSubscriptionStatus`, as samples of the documents have them. */
  statusPadding: z.enum(['none', 'blanks']),
  /** The two members for errors of an operation that has none: absent in live traffic, empty in the documents (contract 3.10). */
  operationErrorWhenNone: z.enum(['absent', 'empty']),
  /** `some`: members that nobody has documented in every object, so that strict parsers are found. */
  unknownProperties: z.enum(['none', 'some']),
  /** What lists without entries are answered by. Operations are never without a body. */
  emptyAnswer: z.enum(['object', 'empty-list', 'no-body']),
  /** `@nextLink` on the last page. */
  lastPageLink: z.enum(['absent', 'null', 'empty']),
  /** An empty page that has a link may come before any page with entries. */
  emptyPageWithLink: z.enum(['never', 'before-every-page']),
  /**
   * No order is promised. `partitioned`: four partitions one after the other, so that the newest may come anywhere and pages may be short
   * or empty.
   */
  listOrder: z.enum(['purchase', 'partitioned']),
  /** Entries on a page of the list; each page draws its own size between them. */
  listPageSizeMin: z.int().min(1).max(1_000),
  listPageSizeMax: z.int().min(1).max(1_000),
};

export const answerDefaults: ValuesOf<typeof answerSettings> = {
  chargeDurationInRest: 'absent',
  flatRateQuantityInRest: 'absent',
  maxQuantityWhenUnlimited: 'absent',
  unlimitedUnits: 'text',
  privateOfferInPlans: 'shown',
  statusPadding: 'none',
  operationErrorWhenNone: 'absent',
  unknownProperties: 'none',
  emptyAnswer: 'object',
  lastPageLink: 'absent',
  emptyPageWithLink: 'never',
  listOrder: 'purchase',
  listPageSizeMin: 60,
  listPageSizeMax: 100,
};
