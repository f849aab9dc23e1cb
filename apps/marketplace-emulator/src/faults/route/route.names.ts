/** What a fault can be set on. The control API and the store are not among them: a fault there could not be taken back. */
export type Surface = 'fulfillment' | 'metering' | 'identity' | 'webhook' | 'operation';

/** The routes of each surface, named as in Microsoft's OpenAPI files where these name them. */
const routes = {
  fulfillment: [
    'resolveSubscription',
    'listSubscriptions',
    'getSubscription',
    'updateSubscription',
    'cancelSubscription',
    'activateSubscription',
    'listAvailablePlans',
    'listOperations',
    'getOperation',
    'updateOperation',
  ],
  metering: ['postUsageEvent', 'postBatchUsageEvent', 'getUsageEvents'],
  identity: ['requestTokenV1', 'requestTokenV2', 'discovery', 'jwks', 'authorize', 'userinfo', 'me'],
  webhook: ['receiveMarketplaceNotification'],
  /** What Microsoft does by itself to carry an operation out; no call, and no address. */
  operation: ['carryOutOperation'],
} as const satisfies Record<Surface, readonly string[]>;

export type RouteName = (typeof routes)[Surface][number];

export const surfaces = Object.keys(routes) as Surface[];

export const routeNames: readonly RouteName[] = Object.values(routes).flat();

const surfaceByRoute = new Map<RouteName, Surface>(
  surfaces.flatMap((surface) => routes[surface].map((route) => [route, surface] as const)),
);

export function surfaceOf(route: RouteName): Surface {
  return surfaceByRoute.get(route) as Surface;
}
