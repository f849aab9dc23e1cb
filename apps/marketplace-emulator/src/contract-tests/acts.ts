import { tokenIn, type ApiAnswer, type Publisher, type ReceivedWebhook } from '../testing/publisher';

export const pathOf = (id: string, rest = '') => `/saas/subscriptions/${id}${rest}`;

/** Webhooks of a subscription, of one action where it is named. */
export const of = (id: string, action?: string) => (webhook: ReceivedWebhook) =>
  webhook.body.subscriptionId === id && (action === undefined || webhook.body.action === action);

/** What Microsoft, the customer and the publisher do in a spec of the table, in few words. */
export function actsOf(publisher: Publisher) {
  return {
    read: async (id: string): Promise<ApiAnswer['body']> => (await publisher.api('GET', pathOf(id))).body,
    set: (settings: object) => publisher.control('PATCH', '/settings', settings),
    advance: (duration: string) => publisher.control('POST', '/clock/advance', { duration }),
    /** @returns the id of the operation */
    act: async (id: string, action: string, body?: object): Promise<string> =>
      (await publisher.control('POST', `/subscriptions/${id}/${action}`, body)).body.operationId,
    /** @returns the id of the operation */
    patch: async (id: string, body: object): Promise<string> =>
      (await publisher.api('PATCH', pathOf(id), body)).headers.get('operation-id') as string,
    acknowledge: (id: string, operationId: string, status: string) =>
      publisher.api('PATCH', pathOf(id, `/operations/${operationId}`), { status }),
    landing: async (id: string): Promise<string> =>
      tokenIn((await publisher.control('POST', `/subscriptions/${id}/landing-links`)).body.landingUrl),
    resolve: (token: string) => publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': token }),
  };
}
