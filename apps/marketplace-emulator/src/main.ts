import { startEmulator } from './emulator';
import type { EmulatorDetails } from './emulator.options';
import { readArguments, usage } from './main.arguments';

async function main(): Promise<void> {
  const { options, json, help } = readArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(usage);
    return;
  }
  const { stop, control: _control, ...details } = await startEmulator(options);
  process.stdout.write(json ? `${JSON.stringify(details)}\n` : readable(details));

  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('disconnect', end); // the parent that started this process is gone
}

function readable(details: EmulatorDetails): string {
  return `Marketplace emulator is ready.

  Store        ${details.storeUrl}
  API          ${details.apiUrl}
  Authority    ${details.authorityUrl}
  Control      ${details.controlUrl}

  Tenant ${details.tenantId}, client ${details.clientId}; --json prints the secrets too. Ctrl-C stops it.
`;
}

function fail(error: unknown): void {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = taken
    ? `${error.message}. Another program has this port; choose one with --port, or --port 0 for any free one.`
    : String(error instanceof Error ? error.message : error);
  process.stderr.write(`Marketplace emulator: ${message}\n`);
  process.exit(1);
}

main().catch(fail);
