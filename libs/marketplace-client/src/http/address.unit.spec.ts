import { followLink, serviceAddress } from './address';

const microsoft = serviceAddress('apiUrl', 'https://marketplaceapi.microsoft.com/api');
const local = serviceAddress('apiUrl', 'http://localhost:8090/api/');
const hosts = ['marketplaceapi.microsoft.com', '*.marketplaceapi.azure.com', 'links.example:8443', '127.0.0.1:9999'];

it('reads an address with its path and without the slash at the end', () => {
  expect(local).toEqual({ origin: 'http://localhost:8090', path: '/api', isLoopback: true });
});

it.each(['http://127.0.0.1:1/api', 'http://127.8.8.8/api', 'http://[::1]:80/api', 'http://localhost/api', 'https://anything.example/api'])(
  'accepts %s',
  (url) => {
    expect(serviceAddress('apiUrl', url).path).toBe('/api');
  },
);

it.each([
  'http://marketplaceapi.microsoft.com/api',
  'http://localhost.example/api',
  'http://127.0.0.1.example/api',
  'http://10.0.0.1/api',
  'ftp://localhost/api',
  'https://user:secret@host/api',
  'https://host/api?x=1',
  'marketplaceapi.microsoft.com',
  '',
])('refuses %j and names the setting', (url) => {
  expect(() => serviceAddress('apiUrl', url)).toThrow(/apiUrl/);
});

it('keeps a followed link as it was written', () => {
  const path = '/api/saas/subscriptions/?continuationToken=%5b%7b%22token%22%3anull%2c%22range%22%3a%7b%7d%7d%5d&api-version=2018-08-31';
  expect(followLink(`https://main.prod.marketplaceapi.azure.com${path}`, microsoft, hosts)).toEqual({
    origin: 'https://main.prod.marketplaceapi.azure.com',
    path,
  });
});

it.each([
  ['https://marketplaceapi.microsoft.com/api', microsoft],
  ['https://MAIN.prod.marketplaceapi.azure.com/x', microsoft],
  ['https://links.example:8443/x', microsoft],
  ['http://localhost:8090/api', local],
  ['http://127.0.0.1:9999/other-name-of-this-machine', local],
  ['https://main.prod.marketplaceapi.azure.com/x', local],
])('lets the token go to %s', (link, api) => {
  expect(new URL(link).origin).toBe(followLink(link, api, hosts).origin);
});

it.each([
  ['a foreign host', 'https://evil.example/api', microsoft],
  ['a host that only ends alike', 'https://evilmarketplaceapi.azure.com/', microsoft],
  ['a host that only begins alike', 'https://marketplaceapi.microsoft.com.evil.example/', microsoft],
  ['the domain itself where only names below it are listed', 'https://marketplaceapi.azure.com/', microsoft],
  ['plain http to a listed host', 'http://marketplaceapi.microsoft.com/api', microsoft],
  ['another port of a listed host', 'https://marketplaceapi.microsoft.com:8443/', microsoft],
  ['the standard port where another is listed', 'https://links.example/x', microsoft],
  ['this machine while the API is elsewhere', 'http://localhost:8090/api', microsoft],
  ['another name of this machine, not listed', 'http://127.0.0.2:9999/api', local],
  ['another port of this machine, not listed', 'http://localhost:9999/api', local],
  ['plain http to this machine, listed, while the API is elsewhere', 'http://127.0.0.1:9999/api', microsoft],
  ['https on this machine, not listed', 'https://localhost:8443/api', local],
  ['a user name that looks like a host', 'https://marketplaceapi.microsoft.com@evil.example/', microsoft],
  ['a user name at a listed host', 'https://a:b@marketplaceapi.microsoft.com/', microsoft],
  ['a relative link', '/api/saas/subscriptions', microsoft],
  ['another scheme', 'file:///etc/passwd', local],
])('refuses %s', (_what, link, api) => {
  expect(() => followLink(link, api, hosts)).toThrow(expect.objectContaining({ field: '@nextLink', retriable: false }));
});
