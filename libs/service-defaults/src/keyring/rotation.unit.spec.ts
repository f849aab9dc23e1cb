import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyring } from './keyring';
import { readKeyring } from './keyring.file';
import { keyringFolder } from './keyring.folder';

const services = ['gateway', 'subscription'];
const parent = mkdtempSync(join(tmpdir(), 'rotation-'));
afterAll(() => rmSync(parent, { recursive: true }));

/** The keys of both services after each step of docs/how-to/rotate-secrets.md: before, next, used, dropped. */
function stepsOf(family: string): Record<string, Keyring>[] {
  const dir = mkdtempSync(join(parent, 'keys-'));
  const steps = [undefined, { next: family }, { use: family }, { drop: `${family}.1` }];
  return steps.map((step) => {
    keyringFolder(dir, services, step);
    return Object.fromEntries(services.map((service) => [service, new Keyring(service, readKeyring(join(dir, `${service}.json`)))]));
  });
}

/** Each way that two copies come to run side by side while a step is rolled out: the keys of before, and those of after it. */
const sideBySide = (family: string) => {
  const steps = stepsOf(family);
  return steps.slice(1).map((after, index) => [index, steps[index]!, after] as const);
};

/** From the last step on, nothing is left that the first key wrote: it is written anew, or has run out. */
const isDrop = (index: number) => index === 2;

it('a column that either copy writes is opened by both, in each step', async () => {
  for (const [index, before, after] of sideBySide('subscription.data')) {
    const copies = [before['subscription']!, after['subscription']!];
    for (const writer of copies)
      for (const reader of copies) expect([index, await reader.decryptColumn(await writer.encryptColumn('x'))]).toEqual([index, 'x']);
  }
});

it('what another service writes with the keys of before or after is opened by both copies, in each step', async () => {
  for (const [index, before, after] of sideBySide('subscription.encryption'))
    for (const writer of [before['gateway']!, after['gateway']!])
      for (const reader of [before['subscription']!, after['subscription']!])
        expect([index, await reader.decryptReceived(await writer.encryptFor('subscription', 'x'))]).toEqual([index, 'x']);
});

it('what either copy signs is verified by both, in each step', () => {
  for (const [index, before, after] of sideBySide('gateway.session')) {
    const copies = [before['gateway']!, after['gateway']!];
    const isVerified = copies.every((one) =>
      copies.every((other) => other.signingSecrets('cookies').some((secret) => secret.equals(one.signingSecret('cookies')))),
    );
    expect([index, isVerified]).toEqual([index, true]);
  }
});

it('what was written before the rotation opens until its key is dropped, and then never again', async () => {
  const steps = stepsOf('subscription.data').map((step) => step['subscription']!);
  const written = await steps[0]!.encryptColumn('x');
  for (const [index, keyring] of steps.entries()) {
    const opened = keyring.decryptColumn(written);
    if (isDrop(index - 1)) await expect(opened).rejects.toThrow('There is no key subscription.data.1');
    else expect(await opened).toBe('x');
  }
});

it('another service has nothing of a key that only opens', () => {
  const dir = mkdtempSync(join(parent, 'keys-'));
  keyringFolder(dir, services);
  keyringFolder(dir, services, { next: 'subscription.encryption' });
  const kidsOf = (service: string) => readKeyring(join(dir, `${service}.json`)).keys.map(({ kid }) => kid);
  expect(kidsOf('subscription')).toContain('subscription.encryption.2');
  expect(kidsOf('gateway')).not.toContain('subscription.encryption.2');
});

it('a step that misses the one before is refused, in a sentence', () => {
  const dir = mkdtempSync(join(parent, 'keys-'));
  const take = (step: Parameters<typeof keyringFolder>[2]) => () => keyringFolder(dir, services, step);
  keyringFolder(dir, services);
  expect(take({ use: 'gateway.data' })).toThrow('there is no key of gateway.data that only opens: add the next one first');
  take({ next: 'gateway.data' })();
  expect(take({ next: 'gateway.data' })).toThrow('gateway.data.2 is there already, and only opens');
  expect(take({ drop: 'gateway.data.1' })).toThrow('gateway.data.1 is in use');
  take({ use: 'gateway.data' })();
  expect(take({ drop: 'gateway.data.2' })).toThrow('gateway.data.2 is in use');
  expect(take({ drop: 'gateway.data.7' })).toThrow('there is no key gateway.data.7');
});

it('the program takes one step at a time, of a service that is named', () => {
  const program = (...args: string[]) =>
    spawnSync(process.execPath, ['--require', join(__dirname, '../fixtures/register-swc.cjs'), join(__dirname, 'main.ts'), ...args], {
      encoding: 'utf8',
    });
  const dir = mkdtempSync(join(parent, 'keys-'));
  expect(program('--dir', dir, ...services).status).toBe(0);
  expect(program('--dir', dir, '--next', 'gateway.session', ...services).status).toBe(0);
  expect(program('--dir', dir, '--use', 'gateway.session', '--drop', 'gateway.session.1', ...services).stderr).toContain('one step');
  expect(program('--dir', dir, '--use', 'billing.session', ...services).stderr).toContain('billing is none of the services');
  expect(program('--dir', dir, '--use', 'gateway.session', ...services).status).toBe(0);
  expect(program('--dir', dir, '--drop', 'gateway.session.1', ...services).status).toBe(0);
  const kids = readKeyring(join(dir, 'gateway.json')).keys.map(({ kid }) => kid);
  expect(kids.filter((kid) => kid.startsWith('gateway.session'))).toEqual(['gateway.session.2']);
});
