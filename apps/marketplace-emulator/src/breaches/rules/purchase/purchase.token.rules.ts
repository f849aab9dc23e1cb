import { limits } from '../../../limits';
import type { Damage } from '../../purchase.token.reading';
import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';

/** About the purchase tokens that come to Resolve. */

const howDamaged: Record<Damage, string | null> = {
  'blank-for-plus': 'has blanks where it had plus signs: it was decoded as a form, or twice',
  'still-encoded': 'is still percent-encoded: it was not decoded, or encoded again',
  unknown: null, // anybody can call a landing page with any token
};

export const damagedToken: Rule = {
  id: 'damaged-token',
  section: '3.3, 8 (1)',
  severity: 'breach',
  title: 'Purchase token damaged on its way to Resolve',
  asks: 'Percent-decode the token of the landing page exactly once, leave plus signs alone, and send it to Resolve as it is then.',
  leadsTo: 'Microsoft answers 400 to some customers and not to others, as their tokens happen to hold plus signs and slashes.',
  instead: 'Take the token out of the raw query and decode it once, without the rules of forms; keep it on the server during sign-in.',
  watch: () => ({
    'call-ended': ({ purchaseToken, requestId }) => {
      const how = purchaseToken?.damage ? howDamaged[purchaseToken.damage] : null;
      return how === null ? undefined : { subject: purchaseToken?.damage ?? '', done: `A purchase token ${how}.`, requestId };
    },
  }),
};

export const expiredToken: Rule = {
  id: 'expired-token',
  section: '3.3, 8 (2)',
  severity: 'advice',
  title: 'Purchase token resolved after its 24 hours',
  asks: 'Resolve a purchase token as soon as it comes.',
  leadsTo: 'Microsoft answers 400, and the purchase cannot be identified by this token any more.',
  instead:
    'Resolve when the customer arrives and keep the subscription id; ask a customer with an old link to open the subscription again in the portal.',
  watch: () => ({
    'call-ended': ({ purchaseToken, requestId }) => {
      if (!purchaseToken?.isExpired) return undefined;
      return { subject: purchaseToken.fingerprint, done: 'A purchase token was more than 24 hours old when it was resolved.', requestId };
    },
  }),
};

export const resolveLoop: Rule = {
  id: 'resolve-loop',
  section: '3.1.3, 5.5',
  severity: 'breach',
  title: 'Bad purchase token resolved again and again',
  asks: 'Do not repeat a Resolve that was answered 400.',
  leadsTo: 'The answer stays 400, and the customer waits in front of a page that goes on trying.',
  instead: 'Explain after the first 400 that the purchase could not be identified, and how to open it again.',
  watch: () => {
    const tries = new BoundedMap<number[]>();
    return {
      'call-ended': ({ purchaseToken, status, faultId, beganAtMs, requestId }) => {
        if (!purchaseToken || status !== 400 || faultId) return undefined;
        const { fingerprint } = purchaseToken;
        const recent = [...(tries.get(fingerprint) ?? []), beganAtMs].filter((atMs) => beganAtMs - atMs <= limits.resolveLoopMs);
        tries.set(fingerprint, recent.slice(-limits.resolveLoopTries));
        if (recent.length < limits.resolveLoopTries) return undefined; // a customer may reload the page
        const seconds = limits.resolveLoopMs / 1_000;
        return { subject: fingerprint, done: `A bad purchase token was resolved ${recent.length} times within ${seconds} s.`, requestId };
      },
    };
  },
};
