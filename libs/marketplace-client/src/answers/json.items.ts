import { MarketplaceAnswerUnreadable, type FailureDetails } from '../marketplace.errors';
import { MAX_USAGE_ROW_CHARS } from '../marketplace.limits';

/**
 * The items of a JSON array, one after the other: a list that is not paged is never in memory as a whole. Anything but one whole array fails, an empty body as
 * well: what was cut must not look like a list that ends there.
 * @throws MarketplaceAnswerUnreadable
 */
export async function* itemsOf(chunks: AsyncIterable<string>, details: FailureDetails = {}): AsyncGenerator<unknown, void, undefined> {
  const items = new ItemScanner(details);
  for await (const chunk of chunks) yield* items.in(chunk);
  if (!items.hasEnded) throw new MarketplaceAnswerUnreadable('(body)', 'is not a whole JSON array', details);
}

/** Finds where items begin and end; what stands between is read by JSON.parse. */
class ItemScanner {
  private hasBegun = false;
  private depth = 0;
  private isInText = false;
  private isEscaped = false;
  /** What has come of the present item. */
  private item = '';

  constructor(private readonly details: FailureDetails) {}

  get hasEnded(): boolean {
    return this.hasBegun && this.depth === 0;
  }

  *in(chunk: string): Generator<unknown, void, undefined> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const character = chunk.charAt(at);
      const isOutside = this.depth === 0;
      if (isOutside) this.begin(character);
      else if (!this.endsItem(character)) continue;
      if (!isOutside) yield* this.whole(chunk.slice(from, at));
      from = at + 1;
    }
    if (this.depth > 0) this.keep(chunk.slice(from));
  }

  /** Around the array there is nothing but space. */
  private begin(character: string): void {
    if (character.trim() === '') return;
    if (character !== '[' || this.hasBegun) this.fail('is not one JSON array');
    this.hasBegun = true;
    this.depth = 1;
  }

  private endsItem(character: string): boolean {
    if (this.isInText) {
      this.isInText = this.isEscaped || character !== '"';
      this.isEscaped = !this.isEscaped && character === '\\';
      return false;
    }
    if (character === '"') this.isInText = true;
    else if (character === '[' || character === '{') this.depth += 1;
    else if (character === ']' || character === '}') this.depth -= 1;
    else return character === ',' && this.depth === 1;
    if (this.depth === 0 && character !== ']') this.fail('is not JSON');
    return this.depth === 0;
  }

  private keep(characters: string): void {
    this.item += characters;
    if (this.item.length > MAX_USAGE_ROW_CHARS) this.fail(`has an item of more than ${MAX_USAGE_ROW_CHARS} characters`);
  }

  private *whole(lastPart: string): Generator<unknown, void, undefined> {
    this.keep(lastPart);
    const text = this.item;
    this.item = '';
    if (text.trim() !== '') yield this.parsed(text);
  }

  private parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      return this.fail('is not JSON'); // the parser's message quotes the body, so it is left out
    }
  }

  private fail(problem: string): never {
    throw new MarketplaceAnswerUnreadable('(body)', problem, this.details);
  }
}
