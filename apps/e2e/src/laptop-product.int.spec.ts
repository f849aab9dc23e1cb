import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { landfallDir } from '@landfall/local';
import { Webhook } from 'standardwebhooks';
import { eventually } from './eventually';

const howTo = join(__dirname, '../../../docs/how-to');
const dir = mkdtempSync(join(landfallDir, 'laptop-product-'));
const secret = `whsec_${randomBytes(32).toString('base64')}`;
let product: ChildProcess;
let url = '';

/** The first block of TypeScript on a page. */
const codeOf = (page: string) => /```ts\n([\s\S]*?)```/.exec(readFileSync(join(howTo, page), 'utf8'))![1]!;

beforeAll(async () => {
  writeFileSync(join(dir, 'is-from-landfall.ts'), codeOf('verify-our-calls.md'));
  writeFileSync(join(dir, 'product.ts'), codeOf('change-the-catalog.md'));
  writeFileSync(join(dir, 'veto.secret'), `${secret}\n`);
  const port = await freePort();
  url = `http://localhost:${port}/may-change`;
  const env = { PATH: process.env['PATH'], PORT: String(port), VETO_KEY_FILE: join(dir, 'veto.secret') };
  product = spawn(process.execPath, [join(dir, 'product.ts')], { cwd: dir, env, stdio: 'ignore' });
  await eventually(() => fetch(url));
});

afterAll(async () => {
  product.kill('SIGKILL');
  await once(product, 'close');
  rmSync(dir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function ask(from: object, to: object, key = secret): Promise<unknown> {
  const [id, at, body] = [randomUUID(), new Date(), JSON.stringify({ from, to })];
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(key).sign(id, at, body),
  };
  const answer = await fetch(url, { method: 'POST', headers, body });
  return answer.status === 200 ? answer.json() : answer.status;
}

it('the product of the guide runs as it is printed: it lets nobody have fewer seats, and answers Landfall alone', async () => {
  const gold = { planId: 'gold', quantity: 20 };
  expect(await ask(gold, { ...gold, quantity: 21 })).toEqual({ allowed: true });
  expect(await ask(gold, { ...gold, quantity: 12 })).toEqual({ allowed: false, reason: expect.stringContaining('20 people') });
  expect(await ask({ planId: 'flat', quantity: null }, { planId: 'plus', quantity: null })).toEqual({ allowed: true });
  expect(await ask(gold, gold, `whsec_${randomBytes(32).toString('base64')}`)).toBe(401);
});
