import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { CATALOG_LIMIT_BYTES } from './catalog.file';
import { CatalogInForce } from './catalog.in-force';

const textOf = (name: string) => `publishers: { contoso: { offers: { team: { displayName: ${name}, plans: {} } } } }`;
const nameIn = (catalog: CatalogInForce) => catalog.current.publishers['contoso']?.offers['team']?.displayName;

let dir: string;
let path: string;
let errors: unknown[][];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'landfall-catalog-'));
  path = join(dir, 'catalog.yaml');
  errors = [];
  jest.spyOn(Logger.prototype, 'log').mockImplementation();
  jest.spyOn(Logger.prototype, 'error').mockImplementation((...entry: unknown[]) => void errors.push(entry));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
  jest.restoreAllMocks();
});

/** A catalog whose file holds a text. */
async function opened(text: string): Promise<CatalogInForce> {
  writeFileSync(path, text);
  return CatalogInForce.open(path);
}

/** As the watch does it, until what the file holds has been judged. */
async function lookTwice(catalog: CatalogInForce): Promise<void> {
  await catalog.look();
  await catalog.look();
}

describe('the catalog in force', () => {
  it('is empty without a file, and the same in every service', async () => {
    const catalog = await CatalogInForce.open(undefined);
    await lookTwice(catalog);
    expect([catalog.current, catalog.hash, catalog.refused]).toEqual([{ publishers: {} }, 'none', undefined]);
  });

  it('becomes that of the changed file, also where one of the same length is put in its place', async () => {
    const catalog = await opened(textOf('Team'));
    const before = catalog.hash;
    writeFileSync(path, textOf('Sofa'));
    await lookTwice(catalog);
    expect([nameIn(catalog), catalog.refusedSeconds]).toEqual(['Sofa', 0]);
    expect(catalog.hash).not.toBe(before);
    const other = await CatalogInForce.open(path);
    expect(other.hash).toBe(catalog.hash);
  });

  it('becomes that of another folder when the link to it is swapped, as a mounted ConfigMap does it', async () => {
    for (const version of ['one', 'two']) {
      mkdirSync(join(dir, version));
      writeFileSync(join(dir, version, 'catalog.yaml'), textOf(version));
    }
    symlinkSync('one', join(dir, '..data'));
    symlinkSync(join('..data', 'catalog.yaml'), path);
    const catalog = await CatalogInForce.open(path);
    expect(nameIn(catalog)).toBe('one');
    symlinkSync('two', join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    await lookTwice(catalog);
    expect(nameIn(catalog)).toBe('two');
  });

  it('is not what stands there while the file is being written', async () => {
    const catalog = await opened(textOf('Team'));
    writeFileSync(path, 'publishers: {}');
    await catalog.look();
    writeFileSync(path, textOf('Sofa'));
    await catalog.look();
    expect(nameIn(catalog)).toBe('Team');
    await catalog.look();
    expect(nameIn(catalog)).toBe('Sofa');
  });

  it('stays when the new file is broken, says why, alarms once, and goes on when it is corrected', async () => {
    const catalog = await opened(textOf('Team'));
    const { hash } = catalog;
    writeFileSync(path, 'publishers: { contoso: { offers: { team: { plans: {} } } } }');
    await lookTwice(catalog);
    await lookTwice(catalog);
    expect([nameIn(catalog), catalog.hash]).toEqual(['Team', hash]);
    expect(catalog.refused).toContain(`${path}:1:36: publishers.contoso.offers.team.displayName is missing`);
    expect(catalog.refusedSeconds).toBeGreaterThan(0);
    expect(errors).toEqual([[expect.objectContaining({ path }), 'a new catalog cannot be used, and the one from before stays in force']]);
    writeFileSync(path, textOf('Sofa'));
    await lookTwice(catalog);
    expect([nameIn(catalog), catalog.refused, catalog.refusedSeconds]).toEqual(['Sofa', undefined, 0]);
  });

  it('alarms no longer when the file is what it was before', async () => {
    const catalog = await opened(textOf('Team'));
    writeFileSync(path, 'broken: {');
    await lookTwice(catalog);
    writeFileSync(path, textOf('Team'));
    await lookTwice(catalog);
    expect([nameIn(catalog), catalog.refused]).toEqual(['Team', undefined]);
  });

  it.each([
    ['is gone', () => rmSync(path), 'there is no such file'],
    ['is too long', () => writeFileSync(path, '#'.repeat(CATALOG_LIMIT_BYTES + 1)), `and a catalog has at most ${CATALOG_LIMIT_BYTES}`],
    ['is a folder', () => (rmSync(path), mkdirSync(path)), 'it cannot be read'],
    ['is no text', () => writeFileSync(path, Buffer.from([0x61, 0xff, 0xfe])), 'it is not written in UTF-8'],
  ])('stays when the file %s', async (_, change, reason) => {
    const catalog = await opened(textOf('Team'));
    change();
    await lookTwice(catalog);
    expect([nameIn(catalog), catalog.refused]).toEqual(['Team', expect.stringContaining(reason)]);
  });

  it('is not there at all when the file is wrong at the start: everything that is wrong is told', async () => {
    await expect(opened('publishers: { contoso: { offer: {} } }')).rejects.toThrow(
      /contoso\.offers is missing\n.*contoso\.offer is not known: there may be offers/,
    );
    rmSync(path);
    await expect(CatalogInForce.open(path)).rejects.toThrow('there is no such file');
  });
});
