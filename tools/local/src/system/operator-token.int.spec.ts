import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loopback } from '../process/ports';
import { SetupError } from '../setup.error';
import { operatorsOf, operatorToken } from './operator-token';

let server: Server;
let url: string;
let asked: string[];
let tokens: object;
beforeEach(async () => {
  asked = [];
  tokens = { access_token: 'a-token' };
  server = createServer((request, response) => {
    void answer(request).then((body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  });
  server.listen(0, loopback);
  await once(server, 'listening');
  url = `http://${loopback}:${(server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

async function answer(request: IncomingMessage): Promise<object> {
  if (request.url === '/company/v2.0/.well-known/openid-configuration') return { token_endpoint: `${url}/elsewhere/token` };
  asked.push(`${request.method} ${request.url} ${await text(request)}`);
  return tokens;
}

const named = () => ({
  OPERATORS_AUTHORITY_URL: `${url}/company/v2.0`,
  OPERATORS_AUDIENCE: 'api://landfall',
  OPERATORS_CLIENT_ID: 'commands',
  OPERATORS_CLIENT_SECRET: 'only-for-specs',
});

it('comes from the identity service of the settings, wherever it has its tokens, where the system has no emulator', async () => {
  expect(await operatorToken(operatorsOf({ emulator: null }, named()))).toBe('a-token');
  expect(asked).toEqual([
    'POST /elsewhere/token grant_type=client_credentials&client_id=commands&client_secret=only-for-specs&scope=api%3A%2F%2Flandfall%2F.default',
  ]);
});

it('names the settings that are missing', () => {
  expect(() => operatorsOf({ emulator: null }, { ...named(), OPERATORS_AUDIENCE: '', OPERATORS_CLIENT_ID: undefined })).toThrow(
    /set OPERATORS_AUDIENCE, OPERATORS_CLIENT_ID\. /,
  );
});

it('says in a sentence why there is none', async () => {
  tokens = { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided' };
  const refused = operatorToken(operatorsOf({ emulator: null }, named()));
  await expect(refused).rejects.toThrow('AADSTS7000215: Invalid client secret provided');
  server.close();
  const away = operatorToken(operatorsOf({ emulator: null }, { ...named(), OPERATORS_AUTHORITY_URL: `${url}/nobody` }));
  await expect(away).rejects.toThrow(SetupError);
});
