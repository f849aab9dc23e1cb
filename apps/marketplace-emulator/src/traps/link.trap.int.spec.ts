import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: { listPageSizeMin: 1, listPageSizeMax: 1 } });
});

afterAll(() => publisher.stop());

const found = async (rule: string) => (await publisher.control('GET', `/breaches?rule=${rule}`)).body.breaches;

async function nextLink(): Promise<string> {
  return (await publisher.api('GET', '/saas/subscriptions')).body['@nextLink'];
}

it('sees who follows a link to a foreign host with a token, and shows no token; without one nobody is blamed', async () => {
  for (const _ of [1, 2]) await publisher.buy();
  const { status, body } = await publisher.control('POST', '/traps/links');
  expect([status, body.url]).toEqual([201, expect.stringMatching(/^http:/)]);
  expect(publisher.emulator.linkHosts).not.toContain(new URL(body.url).host);

  const link = await nextLink();
  expect(link.startsWith(body.url)).toBe(true);
  expect((await fetch(link)).status).toBe(404);
  expect(await found('token-to-foreign-host')).toEqual([]);
  expect((await publisher.api('GET', link)).status).toBe(404);
  expect(await found('token-to-foreign-host')).toMatchObject([{ section: '3.1.4', severity: 'breach', times: 1 }]);
  expect(JSON.stringify(await found('token-to-foreign-host'))).not.toContain('eyJ');
});

it('leads back to the API when it is closed, and after a reset', async () => {
  const { url } = (await publisher.control('POST', '/traps/links')).body;
  expect((await publisher.control('DELETE', '/traps/links')).body).toEqual({ url: null });
  expect((await nextLink()).startsWith(url)).toBe(false);
  await expect(fetch(url)).rejects.toThrow();
  await publisher.control('POST', '/traps/links');
  await publisher.control('POST', '/reset');
  expect((await publisher.control('GET', '/traps/links')).body).toEqual({ url: null });
});

it('sees who fetches the keys that a forged token names', async () => {
  await fetch(`${new URL(publisher.emulator.apiUrl).origin}/traps/keys`);
  expect(await found('key-address-followed')).toMatchObject([{ section: '2.3', severity: 'breach' }]);
});
