import type { FastifyRequest } from 'fastify';
import type { RouteName } from './route.names';

const subscription = '/api/saas/subscriptions/*';

/** Names by method and path; `*` stands for whatever a route calls its parameter. */
const namesByAddress: Record<string, RouteName> = {
  'POST /api/saas/subscriptions/resolve': 'resolveSubscription',
  'GET /api/saas/subscriptions': 'listSubscriptions',
  [`GET ${subscription}`]: 'getSubscription',
  [`PATCH ${subscription}`]: 'updateSubscription',
  [`DELETE ${subscription}`]: 'cancelSubscription',
  [`POST ${subscription}/activate`]: 'activateSubscription',
  [`GET ${subscription}/listAvailablePlans`]: 'listAvailablePlans',
  [`GET ${subscription}/operations`]: 'listOperations',
  [`GET ${subscription}/operations/*`]: 'getOperation',
  [`PATCH ${subscription}/operations/*`]: 'updateOperation',
  'POST /api/usageEvent': 'postUsageEvent',
  'POST /api/batchUsageEvent': 'postBatchUsageEvent',
  'GET /api/usageEvents': 'getUsageEvents',
  'POST /*/oauth2/token': 'requestTokenV1',
  'POST /*/oauth2/v2.0/token': 'requestTokenV2',
  'GET /*/.well-known/openid-configuration': 'discovery',
  'GET /*/v2.0/.well-known/openid-configuration': 'discovery',
  'GET /*/discovery/keys': 'jwks',
  'GET /*/discovery/v2.0/keys': 'jwks',
  'GET /*/oauth2/v2.0/authorize': 'authorize',
  'POST /*/oauth2/v2.0/authorize': 'authorize',
  'GET /oidc/userinfo': 'userinfo',
  'POST /oidc/userinfo': 'userinfo',
  'GET /graph/v1.0/me': 'me',
};

/** The name of the route that a request goes to; undefined for an address that no fault can be set on by name. */
export function routeOf({ routeOptions, method }: FastifyRequest): RouteName | undefined {
  return routeNameOf(method, routeOptions.url);
}

/** By method and the pattern of the path, as the route was registered. HEAD counts as GET. */
export function routeNameOf(method: string, pattern: string | undefined): RouteName | undefined {
  return namesByAddress[`${method === 'HEAD' ? 'GET' : method} ${pattern?.replace(/:\w+/g, '*')}`];
}
