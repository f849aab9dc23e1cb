const answerLimitMs = 15_000;

/** Landing page, sign-in and back are six steps; more is a circle. */
const mostRedirects = 10;

/** A browser of one customer, without scripts: it keeps cookies per host, follows redirects, and reads forms out of pages. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();

  open(url: string): Promise<Page> {
    return this.request(url, 'GET');
  }

  submit(url: string, fields: Record<string, string>): Promise<Page> {
    return this.request(url, 'POST', new URLSearchParams(fields));
  }

  private async request(url: string, method: 'GET' | 'POST', body?: URLSearchParams, redirects = 0): Promise<Page> {
    if (redirects > mostRedirects) throw new Error(`${url} sends the browser around in a circle`);
    const jar = this.jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method,
      body,
      headers: { cookie, accept: 'text/html' },
      redirect: 'manual',
      signal: AbortSignal.timeout(answerLimitMs),
    });
    for (const header of answer.headers.getSetCookie()) keep(jar, header);
    const next = answer.headers.get('location');
    const html = await answer.text();
    if (next) return this.request(new URL(next, url).href, 'GET', undefined, redirects + 1); // as a browser does after 302 and 303
    if (!answer.ok) throw new Error(`${new URL(url).pathname} was answered with ${answer.status}`);
    return new Page(url, html);
  }

  private jarOf(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, jar);
    return jar;
  }
}

/** A page as it came, asked by the attributes that tests use as well. */
export class Page {
  constructor(
    readonly url: string,
    private readonly html: string,
  ) {}

  /** Where a purchase stands; undefined on any other page. */
  get state(): string | undefined {
    return /data-state="([^"]*)"/.exec(this.html)?.[1];
  }

  /** The text that one sees of the element with a test id. */
  text(testId: string): string {
    const inner = new RegExp(`data-testid="${testId}"[^>]*>(.*?)</(?:dd|p)>`, 's').exec(this.html)?.[1] ?? '';
    const visible = inner.replaceAll(/<span class="visually-hidden">.*?<\/span>/gs, '');
    return unescaped(visible.replaceAll(/<[^>]*>/g, ' ')).trim();
  }

  /** The value of the button or field with a name, of the tag that also holds `mark` where one is given. */
  value(name: string, mark = ''): string {
    const tag = [...this.html.matchAll(/<(?:input|button)[^>]*>/g)]
      .map(([text]) => text)
      .find((text) => text.includes(`name="${name}"`) && text.includes(mark));
    return unescaped(/value="([^"]*)"/.exec(tag ?? '')?.[1] ?? '');
  }

  /** Where the form with a test id is sent. */
  action(testId: string): string {
    const form = [...this.html.matchAll(/<form[^>]*>/g)].map(([text]) => text).find((text) => text.includes(`data-testid="${testId}"`));
    return new URL(unescaped(/action="([^"]*)"/.exec(form ?? '')?.[1] ?? ''), this.url).href;
  }
}

function keep(jar: Map<string, string>, header: string): void {
  const [pair = ''] = header.split(';');
  const [name, value] = [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1)];
  if (value === '') jar.delete(name);
  else jar.set(name, value);
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x27;': "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => entities[entity] ?? entity);
}
