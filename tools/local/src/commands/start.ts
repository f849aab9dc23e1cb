import { once } from 'node:events';
import { startSystem } from '../system/system';
import type { Run } from '../system/run-json';
import { serviceNames } from '../system/services';
import { isAtLeast, type Level } from '../log/log-line';
import { landfallDir } from '../repository';
import { interrupted, print, runCommand } from './command';

/** `npm start`: the whole system, until Ctrl-C. */
void runCommand(async (stop) => {
  const startedAt = performance.now();
  print(`Starting Landfall: ${present(process.env)}.`);
  let least: Level = 'warn'; // until it is ready only what may be in the way is worth a line; system.log has the rest
  const system = await startSystem({
    dir: landfallDir,
    ports: 'fixed',
    signal: stop,
    onLine: ({ level, text }) => isAtLeast(level, least) && print(text),
  });
  print(welcome(system.run, (performance.now() - startedAt) / 1000));
  least = 'info';
  if (!stop.aborted) await once(stop, 'abort');
  least = 'warn';
  print('\nStopping.');
  await system.stop();
  print('Stopped. The data is kept in .landfall/.');
  return process.connected ? 0 : interrupted;
});

function present({ DATABASE_URL, KAFKA_BROKERS, MARKETPLACE_API_URL }: NodeJS.ProcessEnv): string {
  const own = [
    !DATABASE_URL && 'Postgres',
    !KAFKA_BROKERS && 'Kafka',
    !MARKETPLACE_API_URL && 'the marketplace-emulator',
    `${serviceNames.length} services`,
  ];
  return own.filter(Boolean).join(', ');
}

function welcome(run: Run, seconds: number): string {
  const subscription = run.services.find(({ name }) => name === 'subscription');
  const { emulator } = run;
  const lines = [
    '',
    `Landfall is ready after ${seconds.toFixed(1)} s.`,
    '',
    ...(emulator ? [`  store       ${emulator.storeUrl}`, `  control     ${emulator.controlUrl}/settings`] : []),
    `  gateway     ${run.gatewayUrl}`,
    `  REST        ${subscription?.url ?? ''}/openapi.json`,
    ...run.publishers.map(
      ({ name, offerId, landingUrl }) => `  publisher   ${name} sells ${offerId}, and its customers come to ${landingUrl}`,
    ),
    '',
    ...(emulator
      ? [
          'Try it:',
          `  1. Open the store, buy something, sign in as one of the people there, confirm.`,
          `  2. See the same without a browser, and what follows it until the customer cancels:  npm run demo`,
          `  3. Ask for a subscription:  curl -H "authorization: Bearer $(npm run -s token)" ${subscription?.url ?? ''}/subscriptions/<id>`,
          '',
        ]
      : [
          'Commands such as `npm run -s token` take who gives tokens from OPERATORS_AUTHORITY_URL, OPERATORS_AUDIENCE, OPERATORS_CLIENT_ID, OPERATORS_CLIENT_SECRET.',
          '',
        ]),
    'Addresses for scripts are in .landfall/run.json, logs in .landfall/logs. Ctrl-C stops everything and keeps the data.',
    '',
  ];
  return lines.join('\n');
}
