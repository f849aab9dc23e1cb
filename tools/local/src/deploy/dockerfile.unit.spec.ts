import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir } from '../repository';
import { stageOf } from './dockerfile';

describe.each(['services', 'emulator'])('the image of %s', (target) => {
  const stage = stageOf(repositoryDir, target);

  it('runs node itself, not as root, and knows whether it is healthy', () => {
    expect(stage.entrypoint).toEqual(['node']);
    expect(stage.user).toBe('node');
    expect(stage.healthcheck.slice(0, 2)).toEqual(['node', '--eval']);
  });

  it('is told nothing secret, and is made for production', () => {
    expect(stage.env['NODE_ENV']).toBe('production');
    expect(Object.keys(stage.env).filter((name) => /SECRET|PASSWORD|TOKEN|KEY|URL/.test(name))).toEqual([]);
  });

  it('holds what one stage has collected, and nothing else', () => {
    expect(stage.copied).toEqual([`build-${target}:/image`]);
  });
});

it('has a base that can be pinned by its digest', () => {
  const text = readFileSync(join(repositoryDir, 'deploy/Dockerfile'), 'utf8');
  const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(bases.filter((base) => !['modules', 'base', '${NODE_IMAGE}'].includes(base!))).toEqual([]);
  expect(text).toMatch(/^ARG NODE_IMAGE=node:24/m);
});
