import { catalogSchema, type Catalog } from '@landfall/contracts';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { Places } from './places';
import { faultsOf, type Fault } from './schema.faults';
import { syntaxFaults, type PlacedFault } from './syntax.faults';

/** So many are told at once; a file with more of them is no catalog that somebody mistyped. */
const TOLD_PROBLEMS = 100;

export type CatalogText =
  | { readonly catalog: Catalog }
  /** One sentence for each fault, in the order of the file: `catalog.yaml:12:9: publishers.contoso… must be …`. */
  | { readonly problems: readonly string[] };

/**
 * Reads the text of a catalog, and tells all that is wrong with it at once, each with its line and column. Where the text is no YAML only
 * that is told, since what it would mean is not known.
 *
 * @param file the name by which the problems call it
 */
export function readCatalogText(text: string, file: string): CatalogText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false });
  const unread = syntaxFaults(document);
  const found = unread.length > 0 ? unread : contentOf(document);
  if (!Array.isArray(found)) return found;
  const inOrder = found.toSorted((one, other) => one.offset - other.offset);
  const told = inOrder.slice(0, TOLD_PROBLEMS).map(({ offset, problem }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}: ${problem}`;
  });
  const left = found.length - told.length;
  return { problems: left > 0 ? [...told, `${file}: and ${left} more`] : told };
}

function contentOf(document: Document.Parsed): { readonly catalog: Catalog } | PlacedFault[] {
  const content = plainOf(document);
  if ('problem' in content) return [{ offset: 0, problem: content.problem }];
  const result = catalogSchema.safeParse(content.value, { reportInput: true });
  if (result.success) return { catalog: result.data };
  const places = new Places(document);
  return result.error.issues.flatMap(faultsOf).map((fault) => ({ offset: places.of(fault), problem: inWords(fault) }));
}

/** References in a file may be few: each stands for all that it leads to, and a small file could become a very large one. */
function plainOf(document: Document): { readonly value: unknown } | { readonly problem: string } {
  if (document.contents === null) return { problem: 'the file is empty: an empty catalog is written as "publishers: {}"' };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    return { problem: `its references (& and *) cannot be followed: ${(error as Error).message}` };
  }
}

const inWords = ({ path, message }: Fault): string => [path.map(String).join('.') || 'the catalog', message].join(' ');
