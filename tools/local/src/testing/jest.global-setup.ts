import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';
import { startTestServers, type TestServers } from './test-servers';

/** The part of jest's configuration that is looked at. */
interface Selection {
  rootDir: string;
  testPathPatterns: { toExecutor(options: { rootDir: string }): { isMatch(path: string): boolean } };
}

declare global {
  /** Between global setup and teardown, which run in the same process. */
  var landfallTestServers: TestServers | undefined;
}

/** Starts Postgres and Kafka once for the run, unless nothing but unit specs was asked for. */
export default async function setUp(selection: Selection): Promise<void> {
  if (!needsServers(selection)) return;
  try {
    globalThis.landfallTestServers = await startTestServers();
  } catch (error) {
    if (error instanceof SetupError) error.stack = error.message;
    throw error;
  }
}

function needsServers({ rootDir, testPathPatterns }: Selection): boolean {
  const selected = testPathPatterns.toExecutor({ rootDir });
  return ['apps', 'libs', 'tools'].some((root) =>
    readdirSync(join(rootDir, root), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && file.name.endsWith('.spec.ts') && !file.name.endsWith('.unit.spec.ts'))
      .some((file) => selected.isMatch(join(file.parentPath, file.name))),
  );
}
