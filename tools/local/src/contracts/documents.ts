import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The text of each document by its path from the root of the repository, with forward slashes. */
export type Documents = ReadonlyMap<string, string>;

export const textOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** All files below some folders, and files that are named themselves. What is not there is left out. */
export function readDocuments(repository: string, folders: readonly string[]): Documents {
  return new Map(
    folders.flatMap((folder) =>
      filesBelow(join(repository, folder)).map((file): [string, string] => {
        const path = file ? `${folder}/${file}` : folder;
        return [path, readFileSync(join(repository, path), 'utf8')];
      }),
    ),
  );
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (statSync(folder).isFile()) return [''];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** Which of them is missing, out of date, or should not be there. */
export function differencesOf(written: Documents, wanted: Documents): string[] {
  const paths = [...new Set([...written.keys(), ...wanted.keys()])].sort();
  return paths
    .filter((path) => written.get(path) !== wanted.get(path))
    .map((path) => `${path} ${written.has(path) ? (wanted.has(path) ? 'is out of date' : 'describes nothing any more') : 'is missing'}`);
}

/** Makes the folders hold these documents and nothing else. */
export function writeDocuments(repository: string, folders: readonly string[], wanted: Documents): void {
  for (const path of readDocuments(repository, folders).keys()) if (!wanted.has(path)) rmSync(join(repository, path));
  for (const [path, text] of wanted) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
}
