import { fulfillmentApiVersion } from '../../../fulfillment/api.gate';
import type { Rule } from '../../rule';

/** About calls as such, whatever they are for. */

export const apiVersion: Rule = {
  id: 'api-version',
  section: '0.2, 1.3 (2)',
  severity: 'breach',
  title: 'Another api-version than 2018-08-31',
  asks: `Call version 2 of the API: api-version=${fulfillmentApiVersion} in every query.`,
  leadsTo: 'Microsoft answers 400; version 1 is withdrawn.',
  instead: `Add api-version=${fulfillmentApiVersion} to the query of every call, those for metering included, and leave followed links as they are.`,
  watch: () => ({
    'call-ended': ({ apiVersion: version, method, path, route, subscriptionId, requestId }) => {
      if (version === fulfillmentApiVersion || method === 'OPTIONS') return undefined;
      const said = version === null ? 'no api-version' : `api-version=${version.slice(0, 50)}`;
      return { subject: `${route ?? 'no route'} ${said}`, done: `${method} ${path} came with ${said}.`, subscriptionId, requestId };
    },
  }),
};

export const fromBrowser: Rule = {
  id: 'from-browser',
  section: '1.3 (1)',
  severity: 'breach',
  title: 'API called from a browser',
  asks: 'Call the API from the back end alone.',
  leadsTo:
    "Microsoft supports no calls from browsers, and whoever opens the page's tools holds a token for all customers of the publisher.",
  instead: 'Call the API in a service of your own, which the page asks; no access token for the marketplace ever leaves it.',
  watch: () => ({
    'call-ended': ({ fromBrowser: isFromBrowser, method, path, route, subscriptionId, requestId }) => {
      if (!isFromBrowser) return undefined;
      return { subject: route ?? method, done: `${method} ${path} came from a page in a browser.`, subscriptionId, requestId };
    },
  }),
};
