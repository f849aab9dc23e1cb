import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** NestJS 12 is ESM only, and jest can load that from this version on. */
export const leastNode = [24, 9];

/** The Node to run everything with: our own when it is new enough, else the one among the installed packages. */
export function chooseNode({ root, version, execPath, platform = process.platform, arch = process.arch }) {
  if (isNewEnough(version)) return execPath;
  const windows = platform === 'win32';
  const packaged = join(root, 'node_modules', `node-${windows ? 'win' : platform}-${arch}`, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(packaged)) return packaged;
  throw new Error(
    `Landfall needs Node ${leastNode.join('.')} or newer. This is ${version}, and npm brings none for ${platform}-${arch}: install Node 24 and start again.`,
  );
}

/** That Node and the installed tools first on PATH, so that whatever is started from here on finds the same ones. */
export function environmentFor({ root, node, env }) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), env.PATH].filter(Boolean).join(delimiter);
  return { ...env, PATH: path, NX_DAEMON: 'false' };
}

function isNewEnough(version) {
  const [major, minor] = version.replace('v', '').split('.').map(Number);
  return major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
}
