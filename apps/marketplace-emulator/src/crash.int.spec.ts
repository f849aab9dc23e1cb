import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlClient } from './client/control.client';
import { startEmulator } from './emulator';
import { ChildEmulator } from './testing/child.emulator';
import { Publisher, until } from './testing/publisher';

let folder: string;
let child: ChildEmulator | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'));
});

afterEach(async () => {
  await child?.kill();
  rmSync(folder, { recursive: true });
});

const dataDir = () => join(folder, 'data');

/** A webhook that answers slowly, so that some of what was sent is always unanswered. */
async function slowWebhook(received: Set<string>): Promise<{ server: Server; url: string }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.add(JSON.parse(Buffer.concat(chunks).toString()).subscriptionId);
    setTimeout(() => response.writeHead(200).end(), 50);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook` };
}

it('keeps each subscription whole that it had made when it was killed in the middle of many', async () => {
  child = await ChildEmulator.start(folder, ['--data-dir', dataDir()]);
  const control = controlClient(child.details.controlUrl);
  const making = control.bulk({ count: 100_000 }).catch((error: unknown) => error);
  await until('some', async () => (await control.subscriptions({ limit: 1 })).subscriptions.length > 0);
  await child.kill();
  expect(await making).toBeInstanceOf(Error);

  const after = await Publisher.start({ dataDir: dataDir() });
  const all = [];
  for (let from: number | null = 0; from !== null;) {
    const page = await after.emulator.control.subscriptions({ from, limit: 1_000 });
    all.push(...page.subscriptions);
    from = page.next;
  }
  expect(all.length).toBeGreaterThan(0);
  expect(all.length).toBeLessThan(100_000);
  for (const { saasSubscriptionStatus, beneficiary, deadline } of all) {
    expect([beneficiary.emailId, deadline === null]).toEqual([expect.stringContaining('@'), saasSubscriptionStatus === 'Unsubscribed']);
  }
  expect((await after.emulator.control.bulk({ count: 500 })).created).toBe(500);
  await after.stop();
});

it('loses no webhook when it is killed in the middle of sending them', async () => {
  const received = new Set<string>();
  const { server, url } = await slowWebhook(received);
  child = await ChildEmulator.start(folder, ['--data-dir', dataDir(), '--webhook-url', url]);
  const control = controlClient(child.details.controlUrl);
  await control.webhooks.pause();
  const bought: string[] = [];
  for (let number = 0; number < 150; number++) bought.push((await control.buy({ autoActivate: true })).subscriptionId);
  await control.webhooks.resume();
  await until('some', async () => received.size > 10);
  await child.kill();
  expect(received.size).toBeLessThan(150);

  const after = await startEmulator({ dataDir: dataDir(), webhookUrl: url });
  await until('all of them', async () => bought.every((id) => received.has(id)));
  await until('none that waits', async () => (await after.control.webhooks.waiting()).total === 0);
  await after.stop();
  await new Promise((resolve) => server.close(resolve));
});

it('fails with a clear message when it may not write into the data directory', async () => {
  const emulator = await startEmulator({ dataDir: dataDir() });
  await emulator.stop();
  chmodSync(join(dataDir(), 'emulator.sqlite'), 0o400);
  chmodSync(dataDir(), 0o500);
  if (process.getuid?.() !== 0)
    await expect(startEmulator({ dataDir: dataDir() })).rejects.toThrow(`data directory ${dataDir()} cannot be used`);
  await expect(startEmulator({ dataDir: '/dev/null/emulator' })).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  chmodSync(dataDir(), 0o700);
});
