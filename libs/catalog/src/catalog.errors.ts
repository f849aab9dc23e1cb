/** A catalog cannot be used. Trying again cannot help; whoever wrote it must correct it. */
export class CatalogInvalid extends Error {
  readonly code = 'CATALOG_INVALID';
  readonly retriable = false;

  constructor(
    readonly file: string,
    /** One sentence for each fault, with file, line and column where it has a place. */
    readonly problems: readonly string[],
  ) {
    super(`${file} is no catalog that can be used:\n${problems.map((problem) => `    ${problem}`).join('\n')}`);
    this.name = 'CatalogInvalid';
  }
}
