import { limits } from '../../../limits';
import { membersOf } from '../../../metering/usage/usage.reading';
import type { CallEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';

/** About the list of subscriptions. */

const isAnswered = ({ route, status, caller, faultId }: CallEnded) =>
  route === 'listSubscriptions' && status === 200 && caller !== null && !faultId;

export const nextLinkIgnored: Rule = {
  id: 'next-link-ignored',
  section: '3.5, 8 (25)',
  severity: 'advice',
  title: 'List read without following @nextLink',
  asks: 'Follow @nextLink until a page has none.',
  leadsTo: 'The publisher never sees the subscriptions of the other pages, and its reconciliation takes them for gone.',
  instead: 'Loop on the link and not on the number of entries, and use it verbatim.',
  watch: () => {
    const firstPages = new BoundedMap<number>();
    return {
      'call-ended': (fact) => {
        const { caller, continuation, answer, requestId } = fact;
        if (!isAnswered(fact) || !caller) return undefined;
        if (continuation !== null || !membersOf(answer)['@nextLink']) {
          firstPages.delete(caller);
          return undefined;
        }
        const times = (firstPages.get(caller) ?? 0) + 1;
        firstPages.set(caller, times);
        if (times < limits.unfollowedPages) return undefined; // once may be a self-check at the start
        return { subject: caller, done: `The first page of the list was read ${times} times, and its link never followed.`, requestId };
      },
    };
  },
};

export const listAsTrigger: Rule = {
  id: 'list-as-trigger',
  section: '3.5',
  severity: 'advice',
  title: 'List polled to learn of changes',
  asks: 'Use the list to reconcile, now and then, and not to learn what happens.',
  leadsTo: 'Microsoft may slow the publisher down, and with many subscriptions a sweep takes longer than its interval.',
  instead: 'Learn of changes by webhooks and the landing page, and list once in a quarter of an hour or at night.',
  watch: () => {
    const sweeps = new BoundedMap<Pick<CallEnded, 'atMs' | 'beganAtMs'>[]>();
    return {
      'call-ended': (fact) => {
        const { caller, continuation, atMs, beganAtMs, requestId } = fact;
        if (!isAnswered(fact) || !caller || continuation !== null) return undefined;
        // By both clocks: a publisher that follows the emulator's has a night whenever that is moved over one.
        const isRecent = (sweep: Pick<CallEnded, 'atMs' | 'beganAtMs'>) =>
          Math.max(beganAtMs - sweep.beganAtMs, atMs - sweep.atMs) <= limits.listSweepsMs;
        const recent = [...(sweeps.get(caller) ?? []), { atMs, beganAtMs }].filter(isRecent);
        sweeps.set(caller, recent.slice(-limits.listSweeps));
        if (recent.length < limits.listSweeps) return undefined;
        const minutes = limits.listSweepsMs / 60_000;
        return { subject: caller, done: `The list was begun ${recent.length} times within ${minutes} minutes.`, requestId };
      },
    };
  },
};

export const linkEncodedAgain: Rule = {
  id: 'link-encoded-again',
  section: '3.1.4, 8 (25)',
  severity: 'breach',
  title: 'Continuation token encoded again',
  asks: 'Use @nextLink verbatim, without decoding or encoding anything.',
  leadsTo: 'Microsoft answers 400, and the pages behind the first one are never read.',
  instead: 'Call the link as it is; whoever rebuilds it decodes the token once and encodes it once.',
  watch: () => ({
    'call-ended': ({ route, continuation, status, faultId, caller, requestId }) => {
      if (route !== 'listSubscriptions' || status !== 400 || faultId || !continuation || !isEncoded(continuation)) return undefined;
      return { subject: caller ?? '', done: 'The list was asked for with a continuation token that was percent-encoded twice.', requestId };
    },
  }),
};

/** It looks like a live one after it is decoded once more, and not before. */
function isEncoded(continuation: string): boolean {
  return /^%5b%7b(%22|")/i.test(continuation) || /^%255b/i.test(continuation);
}
