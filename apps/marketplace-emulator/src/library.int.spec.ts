import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as library from './index';
import { startEmulator } from './index';
import { runTypescript } from './testing/child.emulator';
import { Publisher, until } from './testing/publisher';

it('runs twice in one process, each for itself', async () => {
  const [one, other] = await Promise.all([startEmulator(), startEmulator()]);
  await one.control.buy();
  await one.control.snapshots.take('mine');
  expect((await one.control.subscriptions()).subscriptions).toHaveLength(1);
  expect((await other.control.subscriptions()).subscriptions).toEqual([]);
  expect(await other.control.snapshots.list()).toEqual([]);
  expect(one.clientSecret).not.toBe(other.clientSecret);
  await one.stop();
  expect((await other.control.clock.get()).offsetMs).toBe(0);
  await other.stop();
});

it('stops once, however often stop is called, and while a webhook is on its way', async () => {
  const publisher = await Publisher.start({ settings: { webhookTimeoutMs: 30_000 } });
  publisher.answer = () => 'hang';
  await publisher.control('POST', '/purchases', { autoActivate: true });
  await publisher.webhooks(1);
  await Promise.all([publisher.emulator.stop(), publisher.emulator.stop()]);
  await publisher.stop();
});

it('stops in the midst of a bulk and of a snapshot, and reports no fault of its own', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'library-'));
  const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const emulator = await startEmulator({ dataDir });
    await emulator.control.bulk({ count: 5_000 });
    const snapshot = emulator.control.snapshots.take('mine');
    const bulk = emulator.control.bulk({ count: 50_000 });
    await until('begun', async () => (await emulator.control.subscriptions({ from: 5_000 })).subscriptions.length > 0);
    const ended = Promise.allSettled([snapshot, bulk]);
    await emulator.stop();
    await ended;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(written).not.toHaveBeenCalled();
    const again = await startEmulator({ dataDir });
    expect((await again.control.subscriptions({ from: 50_000 })).subscriptions).toEqual([]);
    await again.stop();
  } finally {
    written.mockRestore();
    rmSync(dataDir, { recursive: true });
  }
});

it('fails with a clear message when its port is taken or a setting is wrong, and leaves nothing behind', async () => {
  const first = await startEmulator();
  const port = Number(new URL(first.apiUrl).port);
  await expect(startEmulator({ port })).rejects.toThrow(`address already in use 127.0.0.1:${port}`);
  await expect(startEmulator({ settings: { maxRetries: -1 } })).rejects.toThrow('Wrong settings: maxRetries');
  await first.stop();
  await (await startEmulator({ port })).stop();
});

it('lets the process end by itself once it is stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'library-'));
  const script = join(folder, 'use.ts');
  writeFileSync(
    script,
    `import { startEmulator } from ${JSON.stringify(join(__dirname, 'index.ts'))};
     void (async () => {
       const emulator = await startEmulator({ webhookUrl: 'http://127.0.0.1:1/nobody' });
       await emulator.control.buy({ autoActivate: true });
       await emulator.control.buy();
       await emulator.stop();
       process.stdout.write('stopped');
     })();`,
  );
  const child = runTypescript(folder, script, []);
  let text = '';
  child.stdout?.on('data', (chunk) => (text += String(chunk)));
  const [code] = await once(child, 'close');
  expect([code, text]).toEqual([0, 'stopped']);
  rmSync(folder, { recursive: true });
});

it('can be imported by every name that it exports', () => {
  const file = readFileSync(join(__dirname, '../index.mjs'), 'utf8');
  const names = /export const \{(.*)\}/
    .exec(file)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  expect(names?.toSorted()).toEqual(Object.keys(library).toSorted());
});
