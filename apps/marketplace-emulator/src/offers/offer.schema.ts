import { z } from 'zod';
import { limits } from '../limits';
import type { Offer } from './offer';
import { completed } from './offer.defaults';
import { offerInput, planInput } from './offer.input';
import { problemsOf } from './offer.rules';

/** Completes an offer and holds it to the rules of Partner Center (contract 1.4). */
export const offerSchema = offerInput.transform(completed).superRefine((whole: Offer, context) => {
  for (const { path, problem } of problemsOf(whole)) context.addIssue({ code: 'custom', path, message: problem });
});

/** What may be switched of a plan while it is sold. */
export const planSwitchSchema = planInput.pick({
  isStopSell: true,
  isAutoActivated: true,
  hasFreeTrials: true,
  isPrivate: true,
  audience: true,
});

export const offersSchema = z
  .array(offerSchema)
  .min(1, 'there must be at least one offer')
  .max(limits.offers)
  .superRefine((offers, context) => {
    offers.forEach(({ offerId }, index) => {
      if (offers.findIndex((other) => other.offerId === offerId) < index)
        context.addIssue({ code: 'custom', path: [index, 'offerId'], message: `there is another offer ${offerId}` });
    });
  });
