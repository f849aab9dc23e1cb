import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { emptyCatalog, type Catalog } from '@landfall/contracts';
import { CatalogInvalid } from './catalog.errors';
import { readCatalogText } from './text/catalog.text';

/** A catalog of some thousand plans. What is longer is refused before it is read. */
export const CATALOG_LIMIT_BYTES = 256 * 1024;

/** What one look at the file showed. Equal contents have equal hashes, and so have equal reasons not to be read. */
export type CatalogContent =
  | { readonly hash: string; readonly catalog: Catalog; readonly problems?: undefined }
  | { readonly hash: string; readonly problems: readonly string[] };

/** Without a file: an empty catalog, the same everywhere. */
export const noFile = { hash: 'none', catalog: emptyCatalog } as const;

/**
 * Reads a catalog from its file. @throws CatalogInvalid with everything that is wrong with it
 *
 * @param path undefined where the service was given none
 */
export async function openCatalog(path: string | undefined): Promise<CatalogContent & { readonly catalog: Catalog }> {
  if (path === undefined) return noFile;
  const content = contentOf(path, await bytesOf(path));
  if (content.problems) throw new CatalogInvalid(path, content.problems);
  return content;
}

/** The bytes of the file, or why it cannot be read. A link is followed at each look: a mounted ConfigMap changes by another link. */
export async function bytesOf(path: string): Promise<Buffer | { readonly problem: string }> {
  try {
    const { size } = await stat(path);
    if (size > CATALOG_LIMIT_BYTES) return { problem: `it has ${size} bytes, and a catalog has at most ${CATALOG_LIMIT_BYTES}` };
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${message}` };
  }
}

export function hashOf(bytes: Buffer | { readonly problem: string }): string {
  return createHash('sha256')
    .update('problem' in bytes ? `unreadable: ${bytes.problem}` : bytes)
    .digest('hex')
    .slice(0, 12);
}

export function contentOf(path: string, bytes: Buffer | { readonly problem: string }): CatalogContent {
  const hash = hashOf(bytes);
  if ('problem' in bytes) return { hash, problems: [`${path}: ${bytes.problem}`] };
  const text = textOf(bytes);
  return { hash, ...(text === undefined ? { problems: [`${path}: it is not written in UTF-8`] } : readCatalogText(text, path)) };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
