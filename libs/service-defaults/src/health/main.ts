import { parseArgs } from 'node:util';
import { askWhetherReady, type AskingBounds } from './ask';

const usage = `Asks services whether they are ready: main.js <address of a management port> …, such as http://landfall-gateway:9100

It prints what each says, its notices as well, and ends with 1 where one is not ready within a minute.
`;
const exitUsage = 64;
const bounds: AskingBounds = { patienceMs: 60_000, pauseMs: 1_000, answerLimitMs: 5_000 };

async function main(): Promise<void> {
  const { values, positionals: addresses } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true });
  if (values.help || addresses.length === 0) {
    process[values.help ? 'stdout' : 'stderr'].write(usage);
    process.exitCode = values.help ? 0 : exitUsage;
    return;
  }
  await Promise.all(
    addresses.map(async (address) => {
      const { isReady, lines } = await askWhetherReady(address, bounds);
      process.stdout.write([`${address} is ${isReady ? 'ready' : 'not ready'}`, ...lines.map((line) => `  ${line}`), ''].join('\n'));
      if (!isReady) process.exitCode = 1;
    }),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`The services could not be asked: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
