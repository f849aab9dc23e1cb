import { token } from './customer.fixture';

/** A visit to the landing page, with nothing but a token. */
export const arrive = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/landing?token=${encodeURIComponent(token())}`, { redirect: 'manual', headers });

/** What the same request is answered, sent so many times at once. */
export function statuses(count: number, send: () => Promise<Response>): Promise<number[]> {
  const answered = async () => {
    const response = await send();
    await response.arrayBuffer();
    return response.status;
  };
  return Promise.all(Array.from({ length: count }, answered));
}
