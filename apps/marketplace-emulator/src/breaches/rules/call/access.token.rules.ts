import { limits } from '../../../limits';
import { marketplaceAppId } from '../../../installation/installation';
import type { CallEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';

/** About the publisher's own access tokens. */

/** The marketplace's resource before 2020 (contract 0.2). */
const formerResource = '62d94f6c-d599-489b-a797-3e10e42fbe22';

const isRefusal = ({ status }: CallEnded) => status === 401 || status === 403;

export const formerResourceAsked: Rule = {
  id: 'former-resource',
  section: '0.2, 8 (3)',
  severity: 'breach',
  title: 'Token asked for the former resource of the marketplace',
  asks: `Ask for tokens for the resource ${marketplaceAppId}.`,
  leadsTo: 'Tokens for the former resource are refused, and all calls end with 403 or 401.',
  instead: `Name ${marketplaceAppId} as resource, or ${marketplaceAppId}/.default as scope.`,
  watch: () => ({
    'token-issued': ({ resource, client }) =>
      resource === formerResource ? { subject: client ?? '', done: `A token was asked for the resource ${formerResource}.` } : undefined,
  }),
};

export const tokenPerCall: Rule = {
  id: 'token-per-call',
  section: '2.1',
  severity: 'breach',
  title: 'A new access token for nearly every call',
  asks: 'Keep an access token until a few minutes before its hour is over.',
  leadsTo: "Every call takes twice as long, and Microsoft's identity service slows down whoever asks too often.",
  instead: 'Keep the token per process, and fetch the next one a few minutes before it expires, or after a 401 or 403.',
  watch: () => {
    const tokens = new BoundedMap<{ client: string; issuedAtMs: number; calls: number; isRefused: boolean }>(limits.tokensCompared * 50);
    return {
      'call-ended': (fact) => {
        const token = tokens.get(fact.token?.fingerprint ?? '');
        if (!token) return;
        token.calls++;
        token.isRefused ||= isRefusal(fact); // the next one is fetched for a good reason
      },
      'token-issued': ({ client, resource, fingerprint, issuedAtMs, faultId }) => {
        if (!client || !fingerprint || resource !== marketplaceAppId || faultId) return undefined;
        const earlier = [...tokens].map(([, token]) => token).filter((token) => token.client === client);
        tokens.set(fingerprint, { client, issuedAtMs, calls: 0, isRefused: false });
        const last = earlier.slice(-limits.tokensCompared);
        const wasted = last.filter(({ calls, isRefused }) => calls === 1 && !isRefused);
        const isQuick = issuedAtMs - (last[0]?.issuedAtMs ?? issuedAtMs) <= limits.tokensComparedMs;
        if (last.length < limits.tokensCompared || wasted.length < 0.9 * last.length || !isQuick) return undefined;
        return { subject: client, done: `Of the last ${last.length} access tokens ${wasted.length} were used for one call each.` };
      },
    };
  },
};

export const expiredAccessToken: Rule = {
  id: 'expired-access-token',
  section: '2.1',
  severity: 'advice',
  title: 'Call with an access token that has expired',
  asks: 'Fetch the next access token a few minutes before the one in use expires.',
  leadsTo: 'Microsoft refuses the call, and what was to be done in time, such as the refusal of a change, comes late.',
  instead: 'Keep with each token when it expires, and fetch the next one a few minutes before.',
  watch: () => ({
    'call-ended': ({ token, beganAtMs, method, path, subscriptionId, requestId }) => {
      if (!token || token.expiresAtMs === null || beganAtMs - token.expiresAtMs < limits.expiredTokenMs) return undefined;
      const minutes = Math.round((beganAtMs - token.expiresAtMs) / 60_000);
      return {
        subject: token.fingerprint,
        done: `${method} ${path} came with an access token that expired ${minutes} min before.`,
        subscriptionId,
        requestId,
      };
    },
  }),
};

export const refusedTokenAgain: Rule = {
  id: 'refused-token-again',
  section: '2.2',
  severity: 'breach',
  title: 'Refused access token used again and again',
  asks: 'After a 401 or 403 drop the access token, fetch a new one, try once more, and stop then.',
  leadsTo: 'Microsoft goes on refusing: the token does not get better, and nobody hears of a configuration that is wrong.',
  instead: 'Try once with a fresh token; take a second refusal for a wrong configuration, and raise an alarm.',
  watch: () => {
    const refusals = new BoundedMap<{ firstAtMs: number; endedAtMs: number; times: number }>();
    return {
      'call-ended': (fact) => {
        const { token, method, path, beganAtMs, endedAtMs, subscriptionId, requestId } = fact;
        if (!token) return undefined;
        const key = `${token.fingerprint} ${method} ${path}`;
        const before = refusals.get(key);
        if (!isRefusal(fact) || fact.before) {
          // what was let in and refused then, was not refused for its token
          refusals.delete(key);
          return undefined;
        }
        if (before && beganAtMs < before.endedAtMs) return undefined; // on its way already when the other one was refused
        const isOld = !before || beganAtMs - before.firstAtMs > limits.refusedTokenMs;
        const now = isOld ? { firstAtMs: beganAtMs, endedAtMs, times: 1 } : { ...before, endedAtMs, times: before.times + 1 };
        refusals.set(key, now);
        if (now.times < limits.refusedTokenTries) return undefined;
        return {
          subject: key,
          done: `${method} ${path} came ${now.times} times with one access token, each time after it had been refused.`,
          subscriptionId,
          requestId,
        };
      },
    };
  },
};
