import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Copy } from '../copies/copies';
import { listenerOf } from '../process/listener';
import { freePort, freePortNear, requireFree } from '../process/ports';
import { emulatorName, knownPorts, serviceOf } from './services';

export interface SystemPorts {
  gateway: number;
  emulator: number;
  /** By copy. */
  management: Record<string, number>;
  /** Public ports of the second gateway and those after it, by copy. Nobody but a test that asks for them has several. */
  furtherGateways: Record<string, number>;
  postgres: number;
  kafka: number;
}

/**
 * `fixed` are the addresses that people know; `free` are any, for tests. Those of gateway and emulator must be free, since links lead there: a person chooses
 * others with PORT and EMULATOR_PORT. A management port that is taken, by a second system on this machine for one, is replaced by a free one, and `say` tells
 * which. Postgres and Kafka, which nobody types, keep the ports that they had the last time where these are still free.
 */
export async function choosePorts(
  dir: string,
  kind: 'fixed' | 'free',
  copies: readonly Copy[],
  env: Record<string, string | undefined>,
  say: (message: string) => void,
): Promise<SystemPorts> {
  const hidden = { ...(await rememberedPorts(dir)), furtherGateways: await freePorts(copies.filter(isFurtherGateway)) };
  if (kind === 'free') {
    return { ...hidden, gateway: await freePort(), emulator: await freePort(), management: await freePorts(copies) };
  }
  const ports = {
    ...hidden,
    gateway: Number(env['PORT'] ?? knownPorts.gateway),
    emulator: Number(env['EMULATOR_PORT'] ?? knownPorts.emulator),
  };
  await requireFree(ports.gateway, 'the gateway', `Stop that program, or choose another port: PORT=${ports.gateway + 5} npm start.`);
  if (!env['MARKETPLACE_API_URL']) {
    await requireFree(
      ports.emulator,
      `the ${emulatorName}`,
      `Stop that program, or choose another port: EMULATOR_PORT=${ports.emulator + 5} npm start.`,
    );
  }
  return { ...ports, management: await managementPorts(copies, say) };
}

/** Only the first copy of a service has a port that people know. */
async function managementPorts(copies: readonly Copy[], say: (message: string) => void): Promise<Record<string, number>> {
  const chosen = await freePorts(copies.filter(isFurther));
  for (const { name } of copies.filter((copy) => !isFurther(copy))) {
    const known = serviceOf(name).managementPort;
    const port = await freePortNear(known);
    chosen[name] = port;
    if (port === known) continue;
    const user = listenerOf(known);
    say(`Port ${known}, ${name}'s management port, is in use${user ? ` by ${user}` : ''}: it is ${port} this time.`);
  }
  return chosen;
}

const isFurther = ({ name, service }: Copy): boolean => name !== service;
const isFurtherGateway = (copy: Copy): boolean => isFurther(copy) && serviceOf(copy.service).port !== undefined;

async function freePorts(copies: readonly Copy[]): Promise<Record<string, number>> {
  return Object.fromEntries(await Promise.all(copies.map(async ({ name }) => [name, await freePort()] as const)));
}

async function rememberedPorts(dir: string): Promise<Pick<SystemPorts, 'postgres' | 'kafka'>> {
  const file = join(dir, 'ports.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<SystemPorts>) : {};
  const ports = { postgres: await freePortNear(known.postgres), kafka: await freePortNear(known.kafka) };
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}
