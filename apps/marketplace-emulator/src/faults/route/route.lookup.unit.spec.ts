import { routeNameOf } from './route.lookup';
import { routeNames } from './route.names';

it.each([
  ['GET', '/api/saas/subscriptions/:subscriptionId', 'getSubscription'],
  ['HEAD', '/api/saas/subscriptions/:id', 'getSubscription'],
  ['PATCH', '/api/saas/subscriptions/:subscriptionId/operations/:operationId', 'updateOperation'],
  ['POST', '/:tenant/oauth2/v2.0/token', 'requestTokenV2'],
  ['GET', '/api/usageEvents', 'getUsageEvents'],
  ['PUT', '/api/usageEvents', undefined],
  ['GET', '/control/faults', undefined],
  ['GET', undefined, undefined],
])('knows %s %s as %s', (method, pattern, name) => {
  expect(routeNameOf(method, pattern)).toBe(name);
});

it('has no name twice', () => {
  expect(new Set(routeNames).size).toBe(routeNames.length);
});
